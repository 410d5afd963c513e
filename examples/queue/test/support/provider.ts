import { setTimeout as pause } from 'node:timers/promises';
import { deliveryReportRequest, judgeAsSinch } from 'mm7-delivery-reports/testing';
import type { ReportFields } from './report-fields.js';

/** Milliseconds that Sinch waits for an answer. */
const PATIENCE = 10_000;

/** Milliseconds between two attempts; five minutes at Sinch. */
const RETRY_DELAY = 500;

/** Plays the provider: sends a report until it is accepted. */
export class Provider {
	readonly #url: string;
	readonly #onAccepted: (sentAt: number) => void;
	/** Reports that were accepted; a copy counts once more. */
	accepted = 0;
	/** Attempts that were answered with a fault. */
	refused = 0;
	/** Attempts that were not answered: the connection broke, or ten seconds went by. */
	unanswered = 0;

	/** @param onAccepted - called with the time at which the accepted attempt began */
	constructor(url: string, onAccepted: (sentAt: number) => void = () => {}) {
		this.#url = url;
		this.#onAccepted = onAccepted;
	}

	async deliver(fields: ReportFields): Promise<void> {
		for (;;) {
			const sentAt = performance.now();
			if (await this.#isAccepted(fields)) {
				this.accepted += 1;
				this.#onAccepted(sentAt);
				return;
			}
			await pause(RETRY_DELAY);
		}
	}

	/** Delivers all, so many at a time. */
	async deliverAll(reports: Iterable<ReportFields>, concurrency: number): Promise<void> {
		const rest = reports[Symbol.iterator]();
		const lane = async () => {
			for (let next = rest.next(); !next.done; next = rest.next()) await this.deliver(next.value);
		};
		await Promise.all(Array.from({ length: concurrency }, lane));
	}

	async #isAccepted(fields: ReportFields): Promise<boolean> {
		try {
			const request = { ...deliveryReportRequest(fields), signal: AbortSignal.timeout(PATIENCE) };
			const response = await fetch(this.#url, request);
			const answer = { status: response.status, body: await response.text() };
			if (judgeAsSinch(answer, fields.transactionId).verdict === 'accepted') return true;
			this.refused += 1;
		} catch {
			this.unanswered += 1;
		}
		return false;
	}
}
