import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { DatabaseError, type Failure } from '../database.js';
import type { ThreadData, ThreadRequest, ThreadResponse } from './thread.js';

/** The compiled file, even if this one runs from TypeScript, as in tests. */
const THREAD = path.join(__dirname, '../../../dist/store/sqlite/thread.js');

/** A pending request and the functions that settle its promise. */
interface Waiting {
	readonly request: ThreadRequest;
	resolve(results: object[][]): void;
	reject(error: DatabaseError): void;
}

/** Options for running statements. */
export interface RunOptions {
	/** Whether to run them as one transaction. Default: false. */
	readonly transaction?: boolean;
	/** Milliseconds until they fail as `slow`. Default: no limit. */
	readonly timeLimit?: number;
}

/** A thread with a connection to the file. */
export class SqliteThread {
	readonly #worker: Worker;
	readonly #ended: Promise<unknown>;
	readonly #queue: Waiting[] = [];
	/** The thread's pending requests; the first one opens the file. */
	#current: Pick<Waiting, 'resolve' | 'reject'> | undefined;
	readonly #opened: Promise<object[][]>;
	#endedWith: DatabaseError | undefined;
	#last: Promise<unknown> = Promise.resolve();

	/**
	 * Starts a thread and waits until it has opened the file.
	 *
	 * @throws DatabaseError
	 */
	static async start(data: ThreadData): Promise<SqliteThread> {
		const thread = new SqliteThread(data);
		try {
			await thread.#opened;
			return thread;
		} catch (error) {
			await thread.#worker.terminate();
			throw error;
		}
	}

	private constructor(data: ThreadData) {
		this.#opened = new Promise((resolve, reject) => {
			this.#current = { resolve, reject };
		});
		this.#worker = new Worker(THREAD, { workerData: data, execArgv: [] });
		this.#worker.on('message', (response: ThreadResponse) => this.#settle(response));
		this.#ended = new Promise((resolve) => {
			this.#worker.once('exit', resolve);
		});
		this.#worker.once('error', ({ message }) => this.#end(message));
		this.#worker.once('exit', () => this.#end('the thread of the database has ended'));
	}

	/**
	 * Runs statements after all earlier ones.
	 *
	 * @throws DatabaseError
	 */
	async run(
		statements: ThreadRequest['statements'],
		{ transaction = false, timeLimit }: RunOptions = {},
	): Promise<object[][]> {
		if (this.#endedWith) throw this.#endedWith;
		let timer: NodeJS.Timeout | undefined;
		const results = new Promise<object[][]>((resolve, reject) => {
			const waiting = { request: { transaction, statements }, resolve, reject };
			this.#queue.push(waiting);
			if (timeLimit === undefined) return;
			timer = setTimeout(() => {
				// SQLite cannot be interrupted from here, but the requests waiting after this one have their own limits
				const place = this.#queue.indexOf(waiting);
				if (place !== -1) this.#queue.splice(place, 1);
				reject(new DatabaseError('the query takes too long', 'slow', 'TIMEOUT'));
			}, timeLimit);
		});
		this.#last = results.catch(() => {});
		this.#next();
		return results.finally(() => clearTimeout(timer));
	}

	/** Lets the thread finish its requests and exit. */
	async close(): Promise<void> {
		this.#endedWith ??= new DatabaseError('the database was closed', 'unavailable', 'CLOSED');
		await this.#last;
		this.#worker.postMessage('close');
		await this.#ended;
	}

	#next(): void {
		if (this.#current !== undefined) return;
		const next = this.#queue.shift();
		this.#current = next;
		if (next !== undefined) this.#worker.postMessage(next.request);
	}

	#settle(response: ThreadResponse): void {
		const settled = this.#current;
		this.#current = undefined;
		if ('results' in response) settled?.resolve(response.results);
		else settled?.reject(sqliteError(response.error));
		this.#next();
	}

	#end(message: string): void {
		this.#endedWith ??= new DatabaseError(message, 'broken', 'THREAD');
		for (const { reject } of [this.#current, ...this.#queue.splice(0)].filter((one) => one !== undefined)) {
			reject(this.#endedWith);
		}
	}
}

/** @param resultCode - from SQLite; undefined if the error is not from SQLite */
function sqliteError({ message, resultCode }: { message: string; resultCode: number | undefined }): DatabaseError {
	return new DatabaseError(message, failureOf(resultCode), `SQLITE_${resultCode ?? 'MISUSE'}`);
}

/** Classes of result codes (their low bytes): the file is corrupt or is not a database. */
const CORRUPT = [11, 26];
/** Busy, locked, out of memory, read-only, interrupted, input and output, full, cannot open, protocol. */
const UNAVAILABLE = [5, 6, 7, 8, 9, 10, 13, 14, 15];
/** fsync failed, so it is no longer known which data is on disk. */
const SYNC_FAILED = [1034, 1290];

function failureOf(resultCode = 0): Failure {
	if (CORRUPT.includes(resultCode & 0xff) || SYNC_FAILED.includes(resultCode)) return 'broken';
	return UNAVAILABLE.includes(resultCode & 0xff) ? 'unavailable' : 'refused';
}
