import { type ConformanceCheck, conformanceChecks } from './checks.js';
import { Target, type TargetOptions } from './target.js';

/** How a receiver did in one check. */
export interface ConformanceResult {
	/** What was asked of it. */
	readonly check: ConformanceCheck;
	/** Whether it did that. */
	readonly passed: boolean;
	/** Why it did not pass. */
	readonly reason: string | undefined;
}

/**
 * Runs all checks against a receiver, one after the other.
 *
 * The receiver has to accept every report that it can read: point it at one whose handler returns nothing, never at
 * one in production. Read replies it may refuse with 4003, or accept as well.
 *
 * @param url - where the receiver takes its reports, `http://localhost:3000/mm7`
 * @returns the results in the order of the checks
 * @throws TypeError for a URL that is not http or https
 * @example
 * for (const { check, passed, reason } of await runConformance(url)) {
 *   console.log(passed ? 'ok' : check.level, check.id, check.title, reason ?? '');
 * }
 */
export async function runConformance(url: string | URL, options: TargetOptions = {}): Promise<ConformanceResult[]> {
	const target = new Target(url, options);
	const results: ConformanceResult[] = [];
	for (const check of conformanceChecks) results.push(await runOne(check, target));
	return results;
}

async function runOne(check: ConformanceCheck, target: Target): Promise<ConformanceResult> {
	try {
		await check.run(target);
		return { check, passed: true, reason: undefined };
	} catch (error) {
		return { check, passed: false, reason: error instanceof Error ? error.message : String(error) };
	}
}
