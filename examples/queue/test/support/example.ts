import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from './eventually.js';

const FOLDER = path.join(__dirname, '..', '..');

type Kind = 'receiver' | 'worker';

/** The example as `npm start` runs it, with its data in a directory of its own. */
export class Example {
	/** All that it printed. */
	readonly lines: string[] = [];
	readonly #dataDir: string;
	readonly #process: ChildProcess;
	/** Ids of the processes that said that they are ready and did not end. */
	readonly #ready: Record<Kind, Set<number>> = { receiver: new Set(), worker: new Set() };

	private constructor(dataDir: string, env: Readonly<Record<string, string>>) {
		this.#dataDir = dataDir;
		// ends with the test run, whatever ends that; detached makes a process group, as a terminal does
		const command = ['--pdeathsig', 'TERM', process.execPath, '--import', 'tsx', path.join(FOLDER, 'start.ts')];
		this.#process = spawn('setpriv', command, {
			cwd: FOLDER,
			env: { ...process.env, PORT: '0', DATA_DIR: dataDir, ...env },
			stdio: ['ignore', 'pipe', 'pipe'],
			detached: true,
		});
		for (const stream of [this.#process.stdout, this.#process.stderr]) {
			if (stream) createInterface(stream).on('line', (line) => this.#read(line));
		}
	}

	/** @throws Error with what it printed, where it does not start */
	static async start(env: Readonly<Record<string, string>> = {}): Promise<Example> {
		const example = new Example(await mkdtemp(path.join(tmpdir(), 'mm7-queue-')), env);
		const { RECEIVERS = '2', WORKERS = '2' } = env;
		await eventually('the example to start', () => {
			if (example.#process.exitCode !== null) return true;
			const { receiver, worker } = example.#ready;
			return receiver.size === Number(RECEIVERS) && worker.size === Number(WORKERS) && example.#printed('Ctrl-C');
		});
		if (example.#process.exitCode === null) return example;
		throw new Error(`the example did not start:\n${example.lines.join('\n')}`);
	}

	get url(): string {
		return this.#find(/http:\/\/127\.0\.0\.1:\d+\/mm7/);
	}

	get natsUrl(): string {
		return this.#find(/nats:\/\/127\.0\.0\.1:\d+/);
	}

	/** Kills one process of a kind, chosen at random, as a power cut would; resolves when another took its place. */
	async kill(kind: Kind): Promise<void> {
		const ready = this.#ready[kind];
		const victim = [...ready][Math.floor(Math.random() * ready.size)];
		if (victim === undefined) throw new Error(`no ${kind} is left to be killed`);
		const before = ready.size;
		ready.delete(victim);
		process.kill(victim, 'SIGKILL');
		await eventually(`another ${kind}`, () => this.#printed(`${kind} ${victim} ended`) && ready.size === before);
	}

	async killNatsServer(): Promise<void> {
		const pid = Number(await readFile(path.join(this.#dataDir, 'nats-server.pid'), 'utf8'));
		process.kill(pid, 'SIGKILL');
		await eventually('the end of nats-server', () => this.#printed(`nats-server ${pid} ended`));
	}

	/** Ctrl-C: every process of the terminal gets the signal. Resolves to the exit code. */
	async stop(): Promise<number | null> {
		if (this.#process.exitCode === null) {
			const closed = once(this.#process, 'close');
			process.kill(-(this.#process.pid as number), 'SIGINT');
			await closed;
		}
		await rm(this.#dataDir, { recursive: true, force: true });
		return this.#process.exitCode;
	}

	#read(line: string) {
		this.lines.push(line);
		const [, kind, pid, what] = /^(receiver|worker) (\d+) (listens|takes reports|ended)/.exec(line) ?? [];
		if (kind === undefined) return;
		const ready = this.#ready[kind as Kind];
		if (what === 'ended') ready.delete(Number(pid));
		else ready.add(Number(pid));
	}

	#printed(text: string): boolean {
		return this.lines.some((line) => line.includes(text));
	}

	#find(pattern: RegExp): string {
		const found = this.lines.map((line) => pattern.exec(line)?.[0]).find((match) => match !== undefined);
		if (found === undefined) throw new Error(`${pattern} was not printed`);
		return found;
	}
}
