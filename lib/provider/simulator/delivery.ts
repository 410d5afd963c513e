/** What one request came to. */
export interface Attempt {
	readonly verdict: 'accepted' | 'refused' | 'again';
	/** Why the report was not accepted; `undefined` where it was. */
	readonly reason: string | undefined;
	/** Milliseconds to the answer; `undefined` where there was none. */
	readonly latency: number | undefined;
}

/** How a delivery ended: `lost` after the last try. */
export type DeliveryEnd = 'accepted' | 'refused' | 'lost';

/** When a report is sent again. */
export interface RetryRule {
	/** How often at most. */
	readonly retries: number;
	/** Milliseconds before each. */
	readonly retryAfter: number;
}

/**
 * Delivers one report: sends it until it is settled or given up.
 *
 * @param attempt - sends the report once
 * @param pause - waits that many milliseconds
 */
export async function deliver(
	attempt: () => Promise<Attempt>,
	pause: (milliseconds: number) => Promise<void>,
	{ retries, retryAfter }: RetryRule,
): Promise<DeliveryEnd> {
	for (let retry = 0; ; retry++) {
		const { verdict } = await attempt();
		if (verdict !== 'again') return verdict;
		if (retry === retries) return 'lost';
		await pause(retryAfter);
	}
}
