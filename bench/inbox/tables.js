/** @typedef {import('../inbox.js').Row} Row */
/** @typedef {import('../inbox.js').Sample} Sample */

/** @type {Record<Row, string>} */
const TITLES = {
	basic: 'examples/basic, no database',
	sqlite: 'inbox on SQLite',
	postgres: 'inbox on PostgreSQL',
	against: 'inbox of the other checkout',
};

/**
 * @param {Map<Row, import('./example-process.js').ExampleProcess>} servers - after the load
 * @param {Map<string, Sample[]>} samples - by row and connections, in the order of the rounds
 * @param {readonly number[]} numbers - of connections
 */
export function printTables(servers, samples, numbers) {
	for (const connections of numbers) {
		const of = (/** @type {Row} */ row) => samples.get(`${row} ${connections}`) ?? [];
		const lines = [...servers.keys()].map((row) => {
			const ratio = median(of(row).map(({ throughput }, round) => throughput / (of('basic')[round]?.throughput ?? 0)));
			const figure = (/** @type {keyof Sample} */ name) => median(of(row).map((sample) => sample[name]));
			return [
				TITLES[row],
				ratio.toFixed(2),
				figure('throughput').toFixed(0),
				figure('p50').toFixed(1),
				figure('p99').toFixed(1),
				figure('cpu').toFixed(0),
			];
		});
		const title = `${connections} ${connections === 1 ? 'connection' : 'connections'}`;
		printTable([title, 'ratio', 'reports/s', 'p50 ms', 'p99 ms', 'CPU µs'], lines);
	}
	const lines = [...servers].map(([row, { startTime, memory }]) => {
		return [TITLES[row], (memory() / 1e6).toFixed(0), startTime.toFixed(0)];
	});
	printTable(['after the load', 'memory MB', 'first start ms'], lines);
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function printTable(head, rows) {
	const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(' | ')} |`;
	const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
	console.log(`${[head, rule, ...rows].map(line).join('\n')}\n`);
}

/** @param {readonly number[]} values */
function median(values) {
	return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;
}
