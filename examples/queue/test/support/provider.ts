import { setTimeout as pause } from 'node:timers/promises';
import { deliveryReportRequest, judgeAsSinch } from 'mm7-delivery-reports/testing';
import type { ReportFields } from './report-fields.js';

/** Sinch sends a report again five times. */
const ATTEMPTS = 6;

/** Milliseconds that Sinch waits for an answer. */
const PATIENCE = 10_000;

/** Plays the provider: sends a report until it is accepted, and gives up after six attempts. */
export class Provider {
	readonly #url: string;
	readonly #retryDelay: number;
	/** Reports that were accepted; a copy counts once more. */
	accepted = 0;
	/** Attempts that were not accepted. */
	refused = 0;
	/** Reports that were given up: lost. */
	lost = 0;

	/** @param retryDelay - milliseconds between two attempts; five minutes at Sinch */
	constructor(url: string, retryDelay: number) {
		this.#url = url;
		this.#retryDelay = retryDelay;
	}

	async deliver(fields: ReportFields): Promise<void> {
		for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
			if (await this.#isAccepted(fields)) {
				this.accepted += 1;
				return;
			}
			this.refused += 1;
			await pause(this.#retryDelay);
		}
		this.lost += 1;
	}

	/** Delivers all, so many at a time. */
	async deliverAll(reports: Iterable<ReportFields>, concurrency: number, onAccepted = () => {}): Promise<void> {
		const rest = reports[Symbol.iterator]();
		const lane = async () => {
			for (let next = rest.next(); !next.done; next = rest.next()) {
				await this.deliver(next.value);
				onAccepted();
			}
		};
		await Promise.all(Array.from({ length: concurrency }, lane));
	}

	async #isAccepted(fields: ReportFields): Promise<boolean> {
		try {
			const request = { ...deliveryReportRequest(fields), signal: AbortSignal.timeout(PATIENCE) };
			const response = await fetch(this.#url, request);
			const answer = { status: response.status, body: await response.text() };
			return judgeAsSinch(answer, fields.transactionId).verdict === 'accepted';
		} catch {
			return false;
		}
	}
}
