import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { DatabaseError, type Failure } from '../database.js';
import type { ThreadAnswer, ThreadData, ThreadRequest } from './thread.js';

type Answered = (answer: ThreadAnswer) => void;

/** A thread with a connection to the file. */
export class SqliteThread {
	readonly #worker: Worker;
	readonly #waiting = new Map<number, Answered>();
	readonly #ended: Promise<void>;
	#lastId = 0;

	/** Starts a thread and waits until it has opened the file. */
	static async start(data: ThreadData): Promise<SqliteThread> {
		const thread = new SqliteThread(data);
		await thread.#answer(0);
		return thread;
	}

	private constructor(data: ThreadData) {
		this.#worker = new Worker(path.join(__dirname, 'thread.js'), { workerData: data, execArgv: [] });
		this.#worker.on('message', (answer: ThreadAnswer) => {
			this.#waiting.get(answer.id)?.(answer);
			this.#waiting.delete(answer.id);
		});
		this.#ended = new Promise((resolve) => {
			this.#worker.once('exit', () => resolve());
		});
		const onEnd = (error?: Error) => this.#refuseAll(error?.message ?? 'the thread of the database has ended');
		this.#worker.once('error', onEnd).once('exit', () => onEnd());
	}

	/** Runs statements, as one transaction where the thread writes. */
	run(statements: ThreadRequest['statements']): Promise<object[][]> {
		const id = ++this.#lastId;
		const answer = this.#answer(id);
		this.#worker.postMessage({ id, statements } satisfies ThreadRequest);
		return answer;
	}

	/** Lets the thread finish what it has, and end. */
	async close(): Promise<void> {
		this.#worker.postMessage('close');
		await this.#ended;
	}

	#answer(id: number): Promise<object[][]> {
		return new Promise((resolve, reject) => {
			this.#waiting.set(id, (answer) => {
				if ('results' in answer) resolve(answer.results);
				else reject(databaseError(answer.error.message, answer.error.resultCode));
			});
		});
	}

	#refuseAll(message: string): void {
		for (const [id, answered] of this.#waiting) answered({ id, error: { message, resultCode: undefined } });
		this.#waiting.clear();
	}
}

/** @param resultCode - of SQLite; undefined where the thread itself failed */
function databaseError(message: string, resultCode: number | undefined): DatabaseError {
	return new DatabaseError(message, failureOf(resultCode), `SQLITE_${resultCode ?? 'THREAD'}`);
}

/** The low byte of a result code is its class. */
const CORRUPT = [11, 26];
const UNAVAILABLE = [5, 6, 7, 8, 9, 10, 13, 14, 15];
/** A disk that did not keep what it was given: what it still has is unknown. */
const SYNC_FAILED = [1034, 1290];

function failureOf(resultCode: number | undefined): Failure {
	if (resultCode === undefined) return 'unavailable';
	if (CORRUPT.includes(resultCode & 0xff) || SYNC_FAILED.includes(resultCode)) return 'broken';
	return UNAVAILABLE.includes(resultCode & 0xff) ? 'unavailable' : 'refused';
}
