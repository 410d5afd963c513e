import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Connection } from 'rabbitmq-client';
import { establishQueues } from '../../lib/connection.js';
import { DEAD_LETTERS, type Queues, REPORTS } from '../../lib/queues.js';
import { type Nodes, runRabbitmq } from '../../processes/rabbitmq.js';
import { eventually } from './eventually.js';
import { keptLog } from './kept-log.js';

/** One RabbitMQ node for tests, as `npm start` runs it, with its data in a folder of its own. */
export class TestRabbitmq {
	readonly urls: readonly string[];
	/** A connection of the test itself. */
	readonly connection: Connection;
	readonly #folder: string;
	readonly #nodes: Nodes;

	private constructor(folder: string, nodes: Nodes) {
		this.#folder = folder;
		this.#nodes = nodes;
		this.urls = nodes.urls;
		this.connection = new Connection({ url: nodes.urls[0] ?? '', retryLow: 100, retryHigh: 500 });
		this.connection.on('error', () => {});
	}

	/** @param queues - are made */
	static async start(queues: Queues): Promise<TestRabbitmq> {
		const folder = await mkdtemp(path.join(tmpdir(), 'mm7-rabbitmq-'));
		const fail = (error: unknown) => {
			throw error;
		};
		const nodes = await runRabbitmq(folder, 1, keptLog(), fail);
		await nodes.ready();
		await establishQueues(nodes.urls, queues.all, keptLog());
		return new TestRabbitmq(folder, nodes);
	}

	/** Sends a signal to the node. */
	async signal(signal: NodeJS.Signals): Promise<void> {
		process.kill(await this.#pid(), signal);
	}

	/** Kills the node, which is started again; resolves when it is. */
	async kill(): Promise<void> {
		const before = await this.#pid();
		process.kill(before, 'SIGKILL');
		await eventually('the next node', async () => (await this.#pid()) !== before);
		await this.#nodes.ready();
	}

	/** Runs rabbitmqctl. */
	async control(...args: string[]): Promise<void> {
		const [home = '', port = '', program = '', ...node] = this.#nodes.control.split(' ');
		const env = Object.fromEntries([home, port].map((setting) => setting.split('=')));
		await promisify(execFile)(program, [...node, '--quiet', ...args], { env: { ...process.env, ...env } });
	}

	/** How many messages wait in a queue. */
	async count(queue: string): Promise<number> {
		const { messageCount } = await this.connection.queueDeclare({ queue, passive: true });
		return messageCount;
	}

	async emptyQueues(): Promise<void> {
		for (const queue of [REPORTS, DEAD_LETTERS]) await this.connection.queuePurge(queue);
	}

	async stop(): Promise<void> {
		this.connection.unsafeDestroy();
		for (const group of this.#nodes.groups.toReversed()) await group.stop();
		await rm(this.#folder, { recursive: true, force: true });
	}

	async #pid(): Promise<number> {
		return Number(await readFile(path.join(this.#folder, 'node-1', 'pid'), 'utf8'));
	}
}
