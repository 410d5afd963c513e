import type { SqliteThread } from './sqlite-thread.js';

/** Milliseconds between two checkpoints. */
const INTERVAL_MS = 200;
/** Pages of 4 kB: a log of 32 MB starts over as soon as little of it is left to be moved, one of 64 MB in any case. */
const LONG_LOG = 8_192;
const TOO_LONG_LOG = 16_384;
const LITTLE_LEFT = 1_024;

/** The writer does not wait for readers, such as a forgotten sqlite3 prompt, for the log to start over. */
const START_OVER = ['PRAGMA busy_timeout = 20', 'PRAGMA wal_checkpoint(RESTART)', 'PRAGMA busy_timeout = 5000'];

/** Moves SQLite's log into the file. */
interface Log {
	/** Something was written. */
	written(): void;
	/** Settles when nothing is moved any more. */
	close(): Promise<void>;
}

/**
 * Keeps the log short while reports arrive: a thread of its own moves it into the file, which takes no lock and delays
 * no report. Only the writer can let the log start over, which is quick as soon as little is left to be moved. Without
 * that the log grows as long as anyone reads.
 */
export function keepLogShort(mover: SqliteThread, writer: SqliteThread): Log {
	let isWritten = false;
	let moving: Promise<void> | undefined;

	async function move(): Promise<void> {
		isWritten = false;
		const [[state] = []] = await mover.run([{ sql: 'PRAGMA wal_checkpoint(PASSIVE)', values: [] }]);
		const { log, checkpointed } = state as { log: number; checkpointed: number };
		const isDue = log > TOO_LONG_LOG || (log > LONG_LOG && log - checkpointed < LITTLE_LEFT);
		if (isDue) await writer.run(START_OVER.map((sql) => ({ sql, values: [] })));
	}

	const timer = setInterval(() => {
		if (!isWritten || moving) return;
		moving = move()
			// the writer says what is wrong with the disk, and moves the log itself if it has to
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
