/** `npm run bench:inbox`: the cost of a durable acknowledgement, compared with a receiver without a database. README.md has the options. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../test/support/free-port.js';
import { makeCluster } from '../test/support/postgres-cluster.js';
import { PINNED, Process, pinned, SERVER_CPU } from './http/processes.js';
import { median, medianRatio, positive, table } from './tables.js';

/** One server with one number of connections in one round. @typedef {{ throughput: number, cpu: number, p50: number, p99: number }} Sample */

const CPU_TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;
/** How long the application takes to respond to an event. */
const APPLICATION_MS = 50;
const ROOT = join(import.meta.dirname, '..');

/** A server as its users start it. */
class Server {
	title;
	port = 0;
	/** Milliseconds from its start to its first connection. */
	startMs = 0;
	/** @type {Map<number, Sample[]>} By number of connections, in the order of the rounds. */
	samples = new Map();
	#child;
	#exited;

	/** @param {string} title @param {number} port @param {string} cwd @param {string[]} args @param {NodeJS.ProcessEnv} env */
	constructor(title, port, cwd, args, env) {
		this.title = title;
		this.port = port;
		this.#child = spawn(...pinned(SERVER_CPU, args), {
			cwd,
			env: { ...process.env, NODE_ENV: 'production', PORT: String(port), ...env },
			stdio: ['ignore', 'ignore', 'inherit'],
		});
		this.#exited = once(this.#child, 'exit');
	}

	/** @param {string} title @param {string} cwd @param {string[]} args - of Node.js @param {NodeJS.ProcessEnv} [env] */
	static async start(title, cwd, args, env = {}) {
		const start = performance.now();
		const server = new Server(title, await freePort(), cwd, args, env);
		const exit = server.#exited.then(() => Promise.reject(new Error(`${title} exited`)));
		while (!(await Promise.race([isListening(server.port), exit]))) await setTimeout(10);
		server.startMs = performance.now() - start;
		return server;
	}

	/** Microseconds of CPU of all threads so far. */
	get cpu() {
		// after the name, which may contain blanks, user time is the 12th field and system time the 13th
		const fields = this.#proc('stat')
			.replace(/^.*\) /, '')
			.split(' ');
		return ((Number(fields[11]) + Number(fields[12])) / CPU_TICKS_PER_SECOND) * 1e6;
	}

	get memoryBytes() {
		return Number(this.#proc('statm').split(' ')[1]) * PAGE_BYTES;
	}

	/** @param {string} file */
	#proc(file) {
		return readFileSync(`/proc/${this.#child.pid}/${file}`, 'latin1');
	}

	/** Suspends the process, so that what it does after its responses does not slow down the others. */
	pause() {
		this.#child.kill('SIGSTOP');
	}

	resume() {
		this.#child.kill('SIGCONT');
	}

	async stop() {
		this.resume();
		this.#child.kill('SIGTERM');
		await this.#exited;
	}
}

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '2' },
		rounds: { type: 'string', default: '8' },
		'warm-up': { type: 'string', default: '15' },
		connections: { type: 'string', default: '50' },
		against: { type: 'string' },
		forwarding: { type: 'boolean', default: false },
	},
});
const options = positive(values, ['seconds', 'rounds', 'warm-up', 'connections']);
const numbers = [1, options.connections];

const folder = mkdtempSync(join(tmpdir(), 'bench-inbox-'));
const cluster = await makeCluster();
const load = Process.load();
let events = 0;
const application = createServer((_req, res) => {
	events++;
	setTimeout(APPLICATION_MS).then(() => res.writeHead(204).end());
});
/** @type {Server[]} */
const servers = [];
try {
	await cluster.start();
	const databaseUrl = await cluster.createDatabase('bench');
	const inbox = ['dist/main.js'];
	const basic = ['--require', 'tsx/cjs', 'start.ts'];
	servers.push(
		await Server.start('examples/basic, no database', join(ROOT, 'examples/basic'), basic),
		await Server.start('inbox on SQLite', join(ROOT, 'inbox'), inbox, { DATA_DIR: folder }),
		await Server.start('inbox on PostgreSQL', join(ROOT, 'inbox'), inbox, { DATABASE_URL: databaseUrl }),
	);
	if (values.forwarding) {
		application.listen(0, '127.0.0.1');
		await once(application, 'listening');
		const { port } = /** @type {import('node:net').AddressInfo} */ (application.address());
		const forward = {
			FORWARD_URL: `http://127.0.0.1:${port}`,
			FORWARD_SECRET: `whsec_${Buffer.alloc(32).toString('base64')}`,
		};
		const forwardingUrl = await cluster.createDatabase('forwarding');
		const sqlite = { ...forward, DATA_DIR: join(folder, 'forwarding') };
		servers.push(
			await Server.start('SQLite, forwarding', join(ROOT, 'inbox'), inbox, sqlite),
			await Server.start('PostgreSQL, forwarding', join(ROOT, 'inbox'), inbox, {
				...forward,
				DATABASE_URL: forwardingUrl,
			}),
		);
	}
	if (values.against !== undefined) {
		const env = { DATA_DIR: join(folder, 'against') };
		servers.push(await Server.start('inbox of the other checkout', join(values.against, 'inbox'), inbox, env));
	}

	for (const server of servers) await measure(server, options.connections, options['warm-up']);
	for (let round = 1; round <= options.rounds; round++) {
		process.stderr.write(`round ${round} of ${options.rounds}\n`);
		for (const connections of numbers) {
			// alternates the order, so that no server always follows the same one
			for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
				const sample = await measure(server, connections, options.seconds);
				server.samples.set(connections, [...(server.samples.get(connections) ?? []), sample]);
			}
		}
	}
	if (!PINNED) console.log('UNPINNED: server and load generator share CPUs');
	printTables();
} finally {
	load.stop();
	application.close();
	for (const server of servers) await server.stop();
	await cluster.remove();
	rmSync(folder, { recursive: true });
}

/** @param {Server} server @param {number} connections @param {number} seconds @returns {Promise<Sample>} */
async function measure(server, connections, seconds) {
	server.resume();
	const before = server.cpu;
	/** @type {import('./http/load-process.js').LoadResult} */
	const result = await load.call('run', { port: server.port, form: 'xml', seconds, connections, expectId: true });
	const cpu = (server.cpu - before) / result.requests;
	server.pause();
	return { cpu, throughput: result.requests / result.seconds, p50: result.p50, p99: result.p99 };
}

function printTables() {
	for (const connections of numbers) {
		/** @param {Server | undefined} server @param {keyof Sample} name */
		const figures = (server, name) => server?.samples.get(connections)?.map((sample) => sample[name]) ?? [];
		const rows = servers.map((server) => [
			server.title,
			medianRatio(figures(server, 'throughput'), figures(servers[0], 'throughput')),
			median(figures(server, 'throughput')).toFixed(0),
			median(figures(server, 'p50')).toFixed(1),
			median(figures(server, 'p99')).toFixed(1),
			median(figures(server, 'cpu')).toFixed(0),
		]);
		const title = `${connections} ${connections === 1 ? 'connection' : 'connections'}`;
		console.log(`\n${table([title, 'ratio', 'reports/s', 'p50 ms', 'p99 ms', 'CPU µs'], rows)}`);
	}
	const [, ...others] = servers;
	if (values.forwarding) {
		const rows = others.slice(0, 2).map((off, index) => {
			const throughput = numbers.map((connections) => {
				/** @param {Server | undefined} server */
				const of = (server) => server?.samples.get(connections)?.map((sample) => sample.throughput) ?? [];
				return medianRatio(of(others[index + 2]), of(off));
			});
			return [off.title, ...throughput];
		});
		const columns = numbers.map((connections) => `${connections} connections`);
		console.log(`\n${table(['with forwarding, of without', ...columns], rows)}`);
		console.log(`\nThe application received ${events} events.`);
	}
	const rows = servers.map(({ title, memoryBytes, startMs }) => [
		title,
		(memoryBytes / 1e6).toFixed(0),
		startMs.toFixed(0),
	]);
	console.log(`\n${table(['after the load', 'memory MB', 'start ms'], rows)}`);
}

/** @param {number} port */
async function isListening(port) {
	const socket = connect(port, '127.0.0.1');
	const listening = await once(socket, 'connect').then(
		() => true,
		() => false,
	);
	socket.destroy();
	return listening;
}
