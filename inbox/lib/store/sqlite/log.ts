import type { SqliteThread } from './sqlite-thread.js';

/** Milliseconds between two checkpoints. */
const INTERVAL_MS = 200;
/** Pages of 2 kB. A 32 MB log starts over as soon as little of it is left to move; a 64 MB log does so in any case. */
const RESTART_LOG_PAGES = 16_384;
const MAX_LOG_PAGES = 32_768;
const MAX_LEFT_PAGES = 2_048;
/** The maximum number of moves before the log starts over. Each leaves less to the next one. */
const MAX_MOVES = 7;

/** The writer does not wait for readers, such as a forgotten sqlite3 prompt, before it restarts the log. */
const START_OVER = ['PRAGMA busy_timeout = 20', 'PRAGMA wal_checkpoint(RESTART)', 'PRAGMA busy_timeout = 5000'];

/** The pages of the log, and how many of them are in the file. */
interface LogPages {
	readonly log: number;
	readonly checkpointed: number;
}

/** Moves SQLite's write-ahead log into the file. */
interface Log {
	/** Call this after every write. */
	written(): void;
	/** Settles when the last move has finished. */
	close(): Promise<void>;
}

/**
 * Keeps the log short while reports arrive. A separate thread moves it into the file, without a lock and without
 * delaying reports. Only the writer can restart the log, which is quick once little is left to move. Otherwise the log
 * would grow for as long as anyone is reading.
 */
export function keepLogShort(mover: SqliteThread, writer: SqliteThread): Log {
	let isWritten = false;
	let moving: Promise<void> | undefined;

	async function moveOnce(): Promise<LogPages> {
		const [[state] = []] = await mover.run([{ sql: 'PRAGMA wal_checkpoint(PASSIVE)', values: [] }]);
		return state as LogPages;
	}

	/**
	 * SQLite syncs the file only if a move ends before the next commit; otherwise the writer has to sync everything when it
	 * restarts the log. Repeated moves become short enough. That stores a sixth more reports per second and halves the
	 * longest waits.
	 */
	async function moveAll(): Promise<LogPages> {
		let pages = await moveOnce();
		for (let moves = 1; moves < MAX_MOVES && pages.log > RESTART_LOG_PAGES; moves++) {
			const before = pages.log;
			pages = await moveOnce();
			if (pages.log === before) break;
		}
		return pages;
	}

	async function move(): Promise<void> {
		isWritten = false;
		const { log, checkpointed } = await moveAll();
		const isDue = log > MAX_LOG_PAGES || (log > RESTART_LOG_PAGES && log - checkpointed < MAX_LEFT_PAGES);
		if (isDue) await writer.run(START_OVER.map((sql) => ({ sql, values: [] })));
	}

	const timer = setInterval(() => {
		if (!isWritten || moving) return;
		moving = move()
			// the writer reports disk errors, and moves the log itself if necessary
			.catch(() => {})
			.finally(() => {
				moving = undefined;
			});
	}, INTERVAL_MS).unref();

	return {
		written() {
			isWritten = true;
		},
		async close() {
			clearInterval(timer);
			await moving;
			await mover.close();
		},
	};
}
