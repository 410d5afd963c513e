import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import { type Database, DatabaseError, type Failure, type Statement } from '../store/database.js';
import { withTimeLimit } from '../time-limit.js';

/** Checks whether reports can be stored. */
export interface Health {
	/** The database, wrapped to record the outcome of each write. */
	readonly database: Database;
	/** Responds within a second. */
	canStore(): Promise<boolean>;
}

/** How long after a successful write the next one is assumed to succeed. */
const SUCCESS_TTL_MS = 5_000;
/** How long after a failed write the next one is assumed to fail. */
const FAILURE_TTL_MS = 1_000;
/** A write that takes longer counts as failed. */
const PROBE_TIMEOUT_MS = 1_000;
/** After a failure, the probe is larger than a report: a small write may still fit on a full disk. */
const LARGE_PROBE_BYTES = 64 * 1024;

/**
 * Judges a database by the outcome of its last write. If that was too long ago, it tries a write. It does not read, so
 * slow page queries, which use other connections, do not affect it.
 *
 * @param onFailure - called for each failed write
 */
export function watchHealth(database: Database, onFailure: (failure: Failure) => void = () => {}): Health {
	let healthy = true;
	/** Measured by the monotonic clock. */
	let knownUntil = 0;
	let probing: Promise<void> | undefined;

	function record(outcome: boolean): void {
		healthy = outcome;
		knownUntil = performance.now() + (outcome ? SUCCESS_TTL_MS : FAILURE_TTL_MS);
	}

	async function write(...statements: Statement[]): Promise<object[][]> {
		try {
			const results = await database.write(...statements);
			record(true);
			return results;
		} catch (error) {
			const failure = error instanceof DatabaseError ? error.failure : 'unavailable';
			// a refusal only concerns a single report
			if (failure !== 'refused') record(false);
			onFailure(failure);
			throw error;
		}
	}

	async function probe(): Promise<void> {
		try {
			await write(...probeStatements(healthy ? 0 : LARGE_PROBE_BYTES));
		} catch {
			record(false);
		}
		probing = undefined;
	}

	async function canStore(): Promise<boolean> {
		if (performance.now() < knownUntil) return healthy;
		probing ??= probe();
		return withTimeLimit(probing, PROBE_TIMEOUT_MS, 'The database did not respond in time').then(
			() => healthy,
			() => false,
		);
	}

	return { database: { ...database, write }, canStore };
}

/** Statements that write to the database as a report does, but leave no data. */
function probeStatements(bytes: number): Statement[] {
	return [
		{
			sql: `INSERT INTO refused_requests (received_at, reason, message, provider, peer, headers, size, body)
				VALUES ($1, 'PROBE', '', '', '', '{}', 0, $2)`,
			values: [new Date(), randomBytes(bytes)],
		},
		{ sql: `DELETE FROM refused_requests WHERE reason = 'PROBE'` },
	];
}

/**
 * Responds to load balancers and supervisors with 200, or with 503 and a list of problems.
 *
 * @param checks - the checks, by the problem to report if one fails
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
