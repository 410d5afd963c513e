import { type ConformanceCheck, conformanceChecks } from './conformance-checks.js';
import { Target, type TargetOptions } from './target.js';

/** How a receiver did in one check. */
export interface ConformanceResult {
	readonly check: ConformanceCheck;
	readonly passed: boolean;
	/** Why it did not pass. */
	readonly reason: string | undefined;
}

/**
 * Runs all checks against a receiver, one after the other.
 *
 * The receiver has to accept every report that it can read: use one whose handler returns nothing, never one in
 * production. It may refuse read replies with 4003, or accept them as well.
 *
 * @param url - where the receiver takes its reports
 * @returns the results in the order of the checks, each as soon as it is known
 * @throws TypeError for a URL that is not http or https
 */
export async function* runConformance(
	url: string | URL,
	options: TargetOptions = {},
): AsyncGenerator<ConformanceResult> {
	const target = new Target(url, options);
	for (const check of conformanceChecks) yield await runOne(check, target);
}

async function runOne(check: ConformanceCheck, target: Target): Promise<ConformanceResult> {
	try {
		await check.run(target);
		return { check, passed: true, reason: undefined };
	} catch (error) {
		return { check, passed: false, reason: error instanceof Error ? error.message : String(error) };
	}
}
