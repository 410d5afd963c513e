import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { DatabaseError, type Failure } from '../database.js';
import type { ThreadData, ThreadRequest, ThreadResponse } from './thread.js';

/** The compiled file, also where this one runs from TypeScript, as in tests. */
const THREAD = path.join(__dirname, '../../../dist/store/sqlite/thread.js');

/** Settles what waits for an answer. */
interface Waiting {
	resolve(results: object[][]): void;
	reject(error: DatabaseError): void;
}

/** A thread with a connection to the file. */
export class SqliteThread {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Waiting>();
	readonly #ended: Promise<unknown>;
	#endedWith: DatabaseError | undefined;
	#lastId = 0;

	/**
	 * Starts a thread and waits until it has opened the file.
	 *
	 * @throws DatabaseError
	 */
	static async start(data: ThreadData): Promise<SqliteThread> {
		const thread = new SqliteThread(data);
		try {
			await thread.#answer(0);
			return thread;
		} catch (error) {
			await thread.#worker.terminate();
			throw error;
		}
	}

	private constructor(data: ThreadData) {
		this.#worker = new Worker(THREAD, { workerData: data, execArgv: [] });
		this.#worker.on('message', (response: ThreadResponse) => this.#settle(response));
		this.#ended = new Promise((resolve) => {
			this.#worker.once('exit', resolve);
		});
		this.#worker.once('error', ({ message }) => this.#end(message));
		this.#worker.once('exit', () => this.#end('the thread of the database has ended'));
	}

	/**
	 * Runs statements, as one transaction where the thread writes.
	 *
	 * @throws DatabaseError
	 */
	run(statements: ThreadRequest['statements']): Promise<object[][]> {
		const id = ++this.#lastId;
		this.#worker.postMessage({ id, statements } satisfies ThreadRequest);
		return this.#answer(id);
	}

	/** Lets the thread finish what it has, and end. */
	async close(): Promise<void> {
		this.#endedWith ??= new DatabaseError('the database was closed', 'unavailable', 'CLOSED');
		this.#worker.postMessage('close');
		await this.#ended;
	}

	#answer(id: number): Promise<object[][]> {
		return new Promise((resolve, reject) => {
			if (this.#endedWith) reject(this.#endedWith);
			else this.#waiting.set(id, { resolve, reject });
		});
	}

	#settle(response: ThreadResponse): void {
		const waiting = this.#waiting.get(response.id);
		this.#waiting.delete(response.id);
		if ('results' in response) waiting?.resolve(response.results);
		else waiting?.reject(sqliteError(response.error));
	}

	#end(message: string): void {
		this.#endedWith ??= new DatabaseError(message, 'broken', 'THREAD');
		for (const { reject } of this.#waiting.values()) reject(this.#endedWith);
		this.#waiting.clear();
	}
}

/** @param resultCode - of SQLite; undefined where the thread could not even ask it */
function sqliteError({ message, resultCode }: { message: string; resultCode: number | undefined }): DatabaseError {
	return new DatabaseError(message, failureOf(resultCode), `SQLITE_${resultCode ?? 'MISUSE'}`);
}

/** Classes of result codes, which are their low bytes: the file is damaged, or is no database. */
const CORRUPT = [11, 26];
/** Busy, locked, out of memory, read-only, interrupted, input and output, full, cannot open, protocol. */
const UNAVAILABLE = [5, 6, 7, 8, 9, 10, 13, 14, 15];
/** The disk did not take what it was told to keep; what it has kept is not known any more. */
const SYNC_FAILED = [1034, 1290];

function failureOf(resultCode = 0): Failure {
	if (CORRUPT.includes(resultCode & 0xff) || SYNC_FAILED.includes(resultCode)) return 'broken';
	return UNAVAILABLE.includes(resultCode & 0xff) ? 'unavailable' : 'refused';
}
