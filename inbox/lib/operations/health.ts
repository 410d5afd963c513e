import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import { type Database, DatabaseError, type Statement } from '../store/database.js';

/** Knows whether reports can be stored. */
export interface Health {
	/** The database; the outcome of each write through it is noted. */
	readonly database: Database;
	/** Never takes longer than a second. */
	canStore(): Promise<boolean>;
}

/** How long a successful write proves that the next one will succeed. */
const SUCCESS_TTL_MS = 5_000;
/** How long a failed write stands for the next one. */
const FAILURE_TTL_MS = 1_000;
/** A write that takes longer counts as failed. */
const PROBE_TIMEOUT_MS = 1_000;
/** After a failure the probe is larger than a report: a small write may still fit on a full disk. */
const LARGE_PROBE_BYTES = 64 * 1024;

/**
 * Judges a database by the outcome of its last write, and tries one where that is too old. Nothing is read, so a slow
 * query of a page, which has connections of its own, changes nothing.
 */
export function watchHealth(database: Database): Health {
	let healthy = true;
	/** By the monotonic clock. */
	let knownUntil = 0;
	let probing: Promise<void> | undefined;

	function note(outcome: boolean): void {
		healthy = outcome;
		knownUntil = performance.now() + (outcome ? SUCCESS_TTL_MS : FAILURE_TTL_MS);
	}

	async function write(...statements: Statement[]): Promise<object[][]> {
		try {
			const results = await database.write(...statements);
			note(true);
			return results;
		} catch (error) {
			// a refusal is about one report
			if (!(error instanceof DatabaseError && error.failure === 'refused')) note(false);
			throw error;
		}
	}

	async function canStore(): Promise<boolean> {
		if (performance.now() < knownUntil) return healthy;
		probing ??= write(...probe(healthy ? 0 : LARGE_PROBE_BYTES))
			.then(
				() => {},
				() => note(false),
			)
			.finally(() => {
				probing = undefined;
			});
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<boolean>((resolve) => {
			timer = setTimeout(resolve, PROBE_TIMEOUT_MS, false);
		});
		return Promise.race([probing.then(() => healthy), late]).finally(() => clearTimeout(timer));
	}

	return {
		database: { ...database, write },
		canStore,
	};
}

/** Statements that write as a report does, and leave nothing behind. */
function probe(bytes: number): Statement[] {
	return [
		{
			sql: `INSERT INTO unreadable (received_at, error_code, error_message, size, body) VALUES ($1, 'PROBE', '', 0, $2)`,
			values: [new Date(), randomBytes(bytes)],
		},
		{ sql: `DELETE FROM unreadable WHERE error_code = 'PROBE'` },
	];
}

/**
 * Responds with 200, or with 503 and what is wrong: for load balancers and supervisors.
 *
 * @param checks - whether all is well, by what is wrong otherwise
 */
export function healthHandler(checks: Readonly<Record<string, () => boolean | Promise<boolean>>>): RequestHandler {
	return async function respond(_req, res) {
		const problems: string[] = [];
		for (const [problem, isWell] of Object.entries(checks)) if (!(await isWell())) problems.push(problem);
		res
			.status(problems.length === 0 ? 200 : 503)
			.set('Cache-Control', 'no-store')
			.json({ status: problems.join(', ') || 'ok' });
	};
}
