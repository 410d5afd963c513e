/** `npm run bench:inbox`: what a durable acknowledgement costs, beside the same receiver without a database. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort } from '../test/support/free-port.js';
import { makeCluster } from '../test/support/postgres-cluster.js';
import { loadProcess, PINNED } from './http/processes.js';
import { startServer } from './inbox/example-process.js';
import { printTables } from './inbox/tables.js';

const USAGE = `npm run bench:inbox -- [options]
  --seconds <n>      load for each row, number of connections and round (default 2)
  --rounds <n>       rounds, after a warm-up that does not count (default 8)
  --warm-up <n>      seconds of it for each row (default 15)
  --connections <n>  keep-alive connections, beside a run with one (default 50)
  --against <folder> the inbox of another checkout, with its embedded database, as a row of its own`;

/** @typedef {'basic' | 'sqlite' | 'postgres' | 'against'} Row */

/**
 * One row with one number of connections in one round.
 *
 * @typedef {object} Sample
 * @property {number} throughput - reports in a second
 * @property {number} cpu - microseconds of the process for each report
 * @property {number} p50 - milliseconds
 * @property {number} p99 - milliseconds
 */

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '2' },
		rounds: { type: 'string', default: '8' },
		'warm-up': { type: 'string', default: '15' },
		connections: { type: 'string', default: '50' },
		against: { type: 'string' },
		help: { type: 'boolean', default: false },
	},
});
if (values.help) {
	console.log(USAGE);
	process.exit();
}
const numbers = [1, Number(values.connections)];

const folder = mkdtempSync(join(tmpdir(), 'bench-inbox-'));
const cluster = await makeCluster();
const load = loadProcess();
/** @type {Map<Row, import('./inbox/example-process.js').ExampleProcess>} */
const servers = new Map();
try {
	await cluster.start();
	const databaseUrl = await cluster.createDatabase('bench');
	servers.set('basic', await startServer('examples/basic', ['--require', 'tsx/cjs', 'start.ts'], await freePort(), {}));
	servers.set('sqlite', await startServer('inbox', ['dist/main.js'], await freePort(), { DATA_DIR: folder }));
	servers.set(
		'postgres',
		await startServer('inbox', ['dist/main.js'], await freePort(), { DATABASE_URL: databaseUrl }),
	);
	if (values.against !== undefined) {
		const env = { DATA_DIR: join(folder, 'against') };
		servers.set('against', await startServer('inbox', ['dist/main.js'], await freePort(), env, values.against));
	}

	for (const row of servers.keys()) await measure(row, Number(values.connections), Number(values['warm-up']));
	/** @type {Map<string, Sample[]>} */
	const samples = new Map();
	for (let round = 1; round <= Number(values.rounds); round++) {
		process.stderr.write(`round ${round} of ${values.rounds}\n`);
		// back and forth, so that nobody always runs behind the same neighbour
		const rows = round % 2 === 0 ? [...servers.keys()] : [...servers.keys()].toReversed();
		for (const connections of numbers) {
			for (const row of rows) {
				const key = `${row} ${connections}`;
				samples.set(key, [...(samples.get(key) ?? []), await measure(row, connections, Number(values.seconds))]);
			}
		}
	}
	if (!PINNED) console.log('UNPINNED: server and load share their CPUs\n');
	printTables(servers, samples, numbers);
} finally {
	load.stop();
	for (const server of servers.values()) await server.stop();
	await cluster.remove();
	rmSync(folder, { recursive: true });
}

/**
 * @param {Row} row
 * @param {number} connections
 * @param {number} seconds
 * @returns {Promise<Sample>}
 */
async function measure(row, connections, seconds) {
	const server = /** @type {import('./inbox/example-process.js').ExampleProcess} */ (servers.get(row));
	const before = server.cpu();
	/** @type {import('./http/load-process.js').LoadResult} */
	const result = await load.call('run', { port: server.port, form: 'xml', seconds, connections, expectId: true });
	return {
		throughput: result.requests / result.seconds,
		cpu: (server.cpu() - before) / result.requests,
		p50: result.p50,
		p99: result.p99,
	};
}
