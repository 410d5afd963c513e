import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { FIELDS } from './report.js';
import type { Stack } from './stacks.js';

/** The conclusions of a stack from a response. Anything it does not expose is absent. */
export interface Conclusion {
	/** Of the DeliveryReportRsp, if the call returned one. */
	readonly statusCode?: number;
	readonly statusText?: string;
	readonly details?: string;
	readonly mm7Version?: string;
	readonly transactionId?: string;
	/** The class of the exception, if the call did not return. */
	readonly exception?: string;
	readonly message?: string;
	/** The StatusCode of the VASPErrorRsp inside the fault. */
	readonly vaspError?: number;
	readonly httpStatus?: number;
}

/** One report for a driver to send. */
export interface Job {
	readonly url: string;
	readonly credentials: readonly [user: string, password: string];
	readonly way: string;
}

/** Of the names in a conclusion, those whose values are numbers. */
const NUMBERS = ['statusCode', 'vaspError', 'httpStatus'];

const run = promisify(execFile);

/** A program in the language of a stack that sends a report for each line on its standard input. */
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
		process.stdin.on('error', () => undefined); // the exit says what is wrong
	}

	/** Builds the driver of a stack in a new folder, and starts it; `end` removes both. */
	static async start({ compile = [], start: [program, ...args] }: Stack): Promise<Driver> {
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

	/** Sends one report, and returns what the stack concluded. */
	async send({ url, credentials, way }: Job): Promise<Conclusion> {
		this.#process.stdin.write(`${[url, ...credentials, way].join('\t')}\n`);
		const { value, done } = await this.#lines.next();
		if (done) throw new Error(`the driver exited:\n${this.#errors}`);
		const pairs = [...(value as string).matchAll(/(\w+)=([^\t]*)/g)];
		return Object.fromEntries(pairs.map(([, name = '', text]) => [name, NUMBERS.includes(name) ? Number(text) : text]));
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
