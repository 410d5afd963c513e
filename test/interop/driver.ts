import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { FIELDS } from './report.js';
import type { Stack } from './stacks.js';

/** What a stack concluded of an answer. What it did not tell is absent. */
export interface Conclusion {
	/** Of the DeliveryReportRsp, where the call returned one. */
	readonly statusCode?: number;
	readonly statusText?: string;
	readonly details?: string;
	readonly mm7Version?: string;
	readonly transactionId?: string;
	/** The class of what was thrown, where the call did not return. */
	readonly exception?: string;
	readonly message?: string;
	/** The StatusCode of the VASPErrorRsp inside the fault. */
	readonly vaspError?: number;
	readonly httpStatus?: number;
}

/** What a driver shall do: one line for it. */
export interface Job {
	readonly url: string;
	readonly credentials: readonly [user: string, password: string];
	readonly way: string;
}

const run = promisify(execFile);

/** A driver: a program in the language of its stack, which sends a report for each line that it gets. */
export class Driver {
	readonly #process: ChildProcessWithoutNullStreams;
	readonly #lines: AsyncIterator<string>;
	readonly #folder: string;
	#errors = '';

	private constructor(process: ChildProcessWithoutNullStreams, folder: string) {
		this.#process = process;
		this.#folder = folder;
		this.#lines = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
		process.stderr.on('data', (text: Buffer) => {
			this.#errors += text;
		});
		process.stdin.on('error', () => undefined); // the exit tells what is wrong
	}

	/** Makes the driver of a stack in a folder of its own, and starts it; `end` removes both. */
	static async start({ compile, start: [program, ...args] }: Stack): Promise<Driver> {
		const folder = await mkdtemp(path.join(tmpdir(), 'mm7-interop-'));
		try {
			for (const [compiler, ...options] of compile) await run(compiler, options, { cwd: folder });
		} catch (error) {
			await rm(folder, { recursive: true });
			throw error;
		}
		const env = { ...process.env, LC_ALL: 'C.UTF-8', ...FIELDS };
		return new Driver(spawn(program, args, { cwd: folder, env }), folder);
	}

	/** Has one report sent, and gives what the stack concluded. */
	async send({ url, credentials, way }: Job): Promise<Conclusion> {
		this.#process.stdin.write(`${[url, ...credentials, way].join('\t')}\n`);
		const { value, done } = await this.#lines.next();
		if (done) throw new Error(`the driver ended:\n${this.#errors}`);
		return JSON.parse(value);
	}

	async end(): Promise<void> {
		const { exitCode, signalCode } = this.#process;
		if (exitCode === null && signalCode === null) {
			this.#process.kill('SIGKILL');
			await once(this.#process, 'exit');
		}
		await rm(this.#folder, { recursive: true });
	}
}
