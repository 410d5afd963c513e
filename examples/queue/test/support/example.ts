import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { eventually } from './eventually.js';

const FOLDER = path.join(__dirname, '..', '..');

/** What the processes of each kind log when they are ready. */
const READY = { receiver: 'waits for reports', worker: 'takes reports', page: 'shows reports' };

export type Kind = keyof typeof READY;

/** A line of the log. */
interface LogLine {
	readonly process: string;
	readonly pid: number;
	readonly msg: string;
	readonly url?: string;
	readonly ended?: string;
	readonly endedPid?: number;
}

/** The example as `npm start` runs it, with its data in a folder of its own. */
export class Example {
	/** All that it printed, but for the lines about reports. */
	readonly lines: string[] = [];
	readonly folder: string;
	/** The process of `npm start`. */
	readonly process: ChildProcess;
	/** Ids of the processes that said that they are ready and did not end. */
	readonly #ready: Record<Kind, Set<number>> = { receiver: new Set(), worker: new Set(), page: new Set() };
	readonly #ended = new Set<number>();
	readonly #urls: Partial<Record<Kind, string>> = {};

	private constructor(folder: string, env: Readonly<Record<string, string>>, pipe: string) {
		this.folder = folder;
		const start = [process.execPath, '--import', 'tsx', path.join(FOLDER, 'start.ts')];
		const command = pipe ? ['/bin/sh', '-c', `${start.join(' ')} ${pipe}`] : start;
		// ends with the test run, whatever ends that; detached makes a process group, as a terminal does
		this.process = spawn('/usr/bin/setpriv', ['--pdeathsig', 'TERM', ...command], {
			cwd: FOLDER,
			env: { ...process.env, ...environment(folder), ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
			detached: true,
		});
		for (const stream of [this.process.stdout, this.process.stderr]) {
			if (stream) createInterface(stream).on('line', (line) => this.#read(line));
		}
	}

	/**
	 * Starts it without waiting for it.
	 *
	 * @param folder - of an example before; default: a new one
	 * @param pipe - what a shell does with its output
	 */
	static async spawn(env: Readonly<Record<string, string>> = {}, folder?: string, pipe = ''): Promise<Example> {
		return new Example(folder ?? (await mkdtemp(path.join(tmpdir(), 'mm7-queue-'))), env, pipe);
	}

	/** @throws Error with what it printed, where it does not start */
	static async start(env: Readonly<Record<string, string>> = {}, folder?: string): Promise<Example> {
		const example = await Example.spawn(env, folder);
		const { RECEIVERS = '2', WORKERS = '2' } = env;
		await eventually(
			'the example to start',
			() => {
				const { receiver, worker, page } = example.#ready;
				const all = receiver.size === Number(RECEIVERS) && worker.size === Number(WORKERS) && page.size === 1;
				return example.process.exitCode !== null || (all && example.printed('Ctrl-C'));
			},
			60_000,
		).catch(async (error) => {
			await example.remove();
			throw new Error(`the example did not start:\n${example.lines.join('\n')}`, { cause: error });
		});
		if (example.process.exitCode === null) return example;
		throw new Error(`the example ended:\n${example.lines.join('\n')}`);
	}

	/** Where reports go. */
	get url(): string {
		return this.#urls.receiver ?? '';
	}

	/** What the page shows. */
	async page(): Promise<string> {
		const link = this.lines.map((line) => /http:\S+\?token=\S+/.exec(line)?.[0]).find((found) => found !== undefined);
		const { origin, searchParams } = new URL(link ?? '');
		const response = await fetch(origin, { headers: { Authorization: `Bearer ${searchParams.get('token')}` } });
		return response.text();
	}

	printed(text: string): boolean {
		return this.lines.some((line) => line.includes(text));
	}

	/** Kills one process of a kind, chosen at random, as a power cut would; resolves when another took its place. */
	async kill(kind: Kind): Promise<void> {
		const ready = this.#ready[kind];
		const victim = [...ready][Math.floor(Math.random() * ready.size)];
		if (victim === undefined) throw new Error(`no ${kind} is left to be killed`);
		const before = ready.size;
		ready.delete(victim);
		process.kill(victim, 'SIGKILL');
		await eventually(`another ${kind}`, () => this.#ended.has(victim) && ready.size === before, 60_000);
	}

	/** Sends a signal to a RabbitMQ node, counted from 1. */
	async signalNode(node: number, signal: NodeJS.Signals): Promise<void> {
		process.kill(await this.#nodePid(node), signal);
	}

	/** Kills a RabbitMQ node; resolves when it was started again and takes connections. */
	async killNode(node: number): Promise<void> {
		const before = await this.#nodePid(node);
		process.kill(before, 'SIGKILL');
		await eventually(
			`RabbitMQ node ${node}`,
			async () => (await this.#nodePid(node)) !== before && (await takesConnections(await this.#nodeUrl(node))),
			60_000,
		);
	}

	/** Runs rabbitmqctl, which speaks to the first node. */
	async control(...args: string[]): Promise<string> {
		const line = this.lines.find((text) => text.includes('rabbitmqctl')) ?? '';
		const [, home, port, program = '', node] = /HOME=(\S+) ERL_EPMD_PORT=(\d+) (\S+) --node (\S+)/.exec(line) ?? [];
		const env = { ...process.env, HOME: home, ERL_EPMD_PORT: port };
		const { stdout } = await promisify(execFile)(program, ['--node', node ?? '', '--quiet', ...args], { env });
		return stdout;
	}

	/** Runs a command of the example, such as `status`, as somebody does in another terminal. */
	async run(command: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
		const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', `${command}.ts`], {
			cwd: FOLDER,
			env: { ...process.env, ...environment(this.folder), ...env },
		});
		return stdout;
	}

	/** Ctrl-C: every process of the terminal gets the signal. Resolves to the exit code. */
	async stop(): Promise<number | null> {
		if (this.process.exitCode === null && this.process.signalCode === null) {
			const closed = once(this.process, 'close');
			process.kill(-(this.process.pid as number), 'SIGINT');
			await closed;
		}
		return this.process.exitCode;
	}

	/** Stops it and removes its data. */
	async remove(): Promise<void> {
		await this.stop();
		await rm(this.folder, { recursive: true, force: true });
	}

	async #nodePid(node: number): Promise<number> {
		return Number(await readFile(path.join(this.folder, 'rabbitmq', `node-${node}`, 'pid'), 'utf8'));
	}

	async #nodeUrl(node: number): Promise<URL> {
		const urls = await readFile(path.join(this.folder, 'rabbitmq', 'urls'), 'utf8');
		return new URL(urls.split(',')[node - 1] ?? '');
	}

	#read(line: string) {
		if (line.includes('"msg":"report ')) return;
		this.lines.push(line);
		if (!line.startsWith('{')) return;
		const { process: kind, pid, msg, url, ended, endedPid } = JSON.parse(line) as LogLine;
		if (endedPid !== undefined) {
			this.#ended.add(endedPid);
			if (ended !== undefined && ended in READY) this.#ready[ended as Kind].delete(endedPid);
		}
		if (READY[kind as Kind] !== msg) return;
		this.#ready[kind as Kind].add(pid);
		if (url !== undefined) this.#urls[kind as Kind] = url;
	}
}

function environment(folder: string): Record<string, string> {
	return {
		PORT: '0',
		PAGE_PORT: '0',
		DATA_DIR: path.join(folder, 'inbox'),
		RABBITMQ_DIR: path.join(folder, 'rabbitmq'),
	};
}

function takesConnections({ hostname, port }: URL): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(Number(port), hostname);
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
}
