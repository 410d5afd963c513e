/** `npm run bench`: the cost of one report in three forms, compared with the parsers alone. README.md has the options. */
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { PINNED, Process } from './http/processes.js';
import { FORMS } from './http/requests.js';
import { median, medianRatio, positive, table } from './tables.js';

/**
 * @typedef {object} Row
 * @property {string} name - as in `--only`
 * @property {string} title
 * @property {string} server - function in servers.js
 * @property {object} [options] - of that function
 * @property {boolean} [parses] - true if its responses repeat the TransactionID
 * @property {boolean} [prepared] - true if requests and responses have Express's prototypes from the start
 */

/** One row with one form in one round. @typedef {{ cpu: number, throughput: number, p50: number, p99: number }} Sample */

/** The row that all others are compared with. */
const CEILING = 'express-raw';
const WARM_UP = { requests: 60_000, seconds: 60, turns: 8 };

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '0.25' },
		rounds: { type: 'string', default: '16' },
		connections: { type: 'string', default: '12' },
		only: { type: 'string' },
		forms: { type: 'string' },
		against: { type: 'string' },
		prepared: { type: 'boolean', default: false },
	},
});
const { seconds, rounds, connections } = positive(values, ['seconds', 'rounds', 'connections']);
const forms = FORMS.filter((form) => isChosen(form, values.forms));
const rows = allRows().filter(({ name }) => isChosen(name, values.only));
if (rows.length === 0 || forms.length === 0) throw new Error('no such row or form');

const { version } = createRequire(import.meta.url)('express/package.json');
console.log(`Node.js ${process.version}, Express ${version}, ${cpus().length} × ${cpus()[0]?.model}`);
console.log(PINNED ? 'server and load generator have a CPU each' : 'UNPINNED: server and load generator share CPUs');

const load = Process.load();
const servers = rows.map((row) => ({ row, process: Process.server(), port: 0 }));
/** @type {Map<string, Sample[]>} By row and form, in the order of the rounds. */
const samples = new Map(rows.flatMap((row) => forms.map((form) => [`${row.name} ${form}`, []])));
const memory = new Map();
try {
	for (const server of servers) server.port = await server.process.call('start', server.row);
	console.log('warming up');
	const requests = WARM_UP.requests / WARM_UP.turns / forms.length;
	// interleaved, since a row that is warmed up long before the others would be cold again
	for (let turn = 0; turn < WARM_UP.turns; turn++) {
		for (const form of forms) {
			for (const server of servers) await measure(server, form, WARM_UP.seconds / WARM_UP.turns, requests);
		}
	}
	for (let round = 0; round < rounds; round++) {
		console.log(`round ${round + 1} of ${rounds}`);
		// rotated, so that no row always follows the same one
		const first = round % servers.length;
		for (const form of forms) {
			for (const server of [...servers.slice(first), ...servers.slice(0, first)]) {
				samples.get(`${server.row.name} ${form}`)?.push(await measure(server, form, seconds));
			}
		}
	}
	for (const { row, process } of servers) memory.set(row.name, await process.call('settledMemory'));
} finally {
	for (const one of [load, ...servers.map(({ process }) => process)]) one.stop();
}
printTables();

/**
 * @param {typeof servers[number]} server
 * @param {import('./http/requests.js').Form} form
 * @param {number} seconds
 * @param {number} [requests]
 * @returns {Promise<Sample>}
 */
async function measure({ row, process, port }, form, seconds, requests) {
	const before = await process.call('cpu');
	/** @type {import('./http/load-process.js').LoadResult} */
	const result = await load.call('run', { port, form, seconds, requests, connections, expectId: row.parses });
	const cpu = ((await process.call('cpu')) - before) / result.requests;
	return { cpu, throughput: result.requests / result.seconds, p50: result.p50, p99: result.p99 };
}

function printTables() {
	/** @param {string} title @param {(own: Sample[], ceiling: Sample[]) => string} cell */
	const perForm = (title, cell) => {
		const cells = rows.map(({ name, title }) => [
			title,
			...forms.map((form) => cell(samples.get(`${name} ${form}`) ?? [], samples.get(`${CEILING} ${form}`) ?? [])),
		]);
		console.log(`\n${table([title, ...forms], cells)}`);
	};
	/** @param {Sample[]} own @param {keyof Sample} name */
	const figures = (own, name) => own.map((sample) => sample[name]);

	if (rows.some(({ name }) => name === CEILING)) {
		perForm('speed by CPU (ceiling = 1.00)', (own, ceiling) =>
			medianRatio(figures(ceiling, 'cpu'), figures(own, 'cpu')),
		);
	}
	perForm('CPU of the server, µs per request', (own) => median(figures(own, 'cpu')).toFixed(1));
	perForm('requests per second', (own) => median(figures(own, 'throughput')).toFixed(0));
	perForm('latency p50 / p99, ms', (own) =>
		['p50', 'p99'].map((name) => median(figures(own, /** @type {'p50'} */ (name))).toFixed(2)).join(' / '),
	);
	const megabytes = rows.map(({ name, title }) => [title, ((memory.get(name) ?? 0) / 2 ** 20).toFixed(0)]);
	console.log(`\n${table(['memory of the server, settled', 'MB'], megabytes)}`);
}

/** @returns {Row[]} in the order of the tables */
function allRows() {
	const dist = join(import.meta.dirname, '..', 'dist');
	/** @type {Row[]} */
	const rows = [
		{ name: CEILING, title: 'Express 5 + body-parser raw, fixed response', server: 'expressRaw' },
		{ name: 'xml2js', title: 'the same + xml2js (and busboy), result thrown away', server: 'xml2jsAlone' },
		...ours(dist, '', ''),
		...(values.against === undefined ? [] : ours(resolve(values.against), '-against', ', other build')),
	];
	if (!values.prepared) return rows;
	const prepared = (/** @type {Row} */ row) => ({
		...row,
		name: `${row.name}-prepared`,
		title: `${row.title}, prepared`,
	});
	return rows.flatMap((row) => [row, { ...prepared(row), prepared: true }]);
}

/** @param {string} dist @param {string} suffix @param {string} remark @returns {Row[]} */
function ours(dist, suffix, remark) {
	return [false, true].map((async) => ({
		name: `${async ? 'ours-async' : 'ours'}${suffix}`,
		title: `mm7-delivery-reports, ${async ? 'async' : 'sync'} handler${remark}`,
		server: 'ours',
		options: { dist, async },
		parses: true,
	}));
}

/** @param {string} name @param {string | undefined} list - separated by commas; all if absent */
function isChosen(name, list) {
	return list === undefined || list.split(',').some((chosen) => name === chosen || name === `${chosen}-prepared`);
}
