import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { deliveryReportRequest, judgeAsSinch, parseResponse } from 'mm7-delivery-reports/testing';

/** An acknowledged report. */
export interface Acknowledged {
	readonly transactionId: string;
	readonly messageId: string;
	readonly mmStatus: string;
}

/** How long the provider waits for a response. */
const RESPONSE_TIMEOUT_MS = 10_000;
/** Pause before a retry. */
const RETRY_DELAY_MS = 50;
/** One of this many messages gets its reports in reverse order. */
const REVERSED_INTERVAL = 3;
/** One of this many reports is sent twice. */
const DUPLICATE_INTERVAL = 20;

/**
 * A provider that sends reports continuously over several connections, each until it is acknowledged. Its ledger lists
 * the acknowledged reports, none of which may be missing afterwards.
 */
export class Provider {
	readonly ledger: Acknowledged[] = [];
	/** Time to each acknowledgement, in milliseconds. */
	latencies: number[] = [];
	/** The StatusText of all reports sent from now on. */
	statusText = 'Success';
	readonly #urls: readonly string[];
	#attempts = 0;
	readonly #events = new EventEmitter();
	readonly #senders: Promise<void>[];
	#stopped = false;
	#abandoned = false;
	#messages = 0;

	/** @param urls - the inboxes, which get attempts in turn */
	constructor(urls: readonly string[], senders = 8) {
		this.#urls = urls;
		this.#events.setMaxListeners(0);
		this.#senders = Array.from({ length: senders }, () => this.#send());
	}

	/** Resolves when a report sent after the call is acknowledged, with the milliseconds it took. */
	async nextAcknowledgement(): Promise<number> {
		const start = performance.now();
		for (;;) {
			const [sentAt] = await once(this.#events, 'acknowledged');
			if (sentAt >= start) return performance.now() - start;
		}
	}

	/** Settles when this many more reports are acknowledged. */
	async acknowledged(count: number): Promise<void> {
		const wanted = this.ledger.length + count;
		while (this.ledger.length < wanted) await once(this.#events, 'acknowledged');
	}

	/** Settles when a report is refused because it could not be stored. */
	async refused(): Promise<void> {
		for (;;) {
			const [httpStatus, statusCode] = await once(this.#events, 'refused');
			if (httpStatus === 500 && statusCode === 4006) return;
		}
	}

	/** Finishes the messages in progress and starts no more. */
	async stop(): Promise<void> {
		this.#stopped = true;
		await Promise.all(this.#senders);
	}

	/** Stops without finishing anything. */
	abandon(): void {
		this.#stopped = true;
		this.#abandoned = true;
	}

	async #send(): Promise<void> {
		while (!this.#stopped) {
			const number = ++this.#messages;
			const statuses = ['Forwarded', number % 2 === 0 ? 'Retrieved' : 'Expired'];
			if (number % REVERSED_INTERVAL === 0) statuses.reverse();
			for (const mmStatus of statuses)
				await this.#deliver({ transactionId: `${number}-${mmStatus}`, messageId: `m${number}`, mmStatus });
		}
	}

	async #deliver(report: Acknowledged): Promise<void> {
		while (!this.#abandoned && !(await this.#attempt(report))) await delay(RETRY_DELAY_MS);
		if (this.ledger.length % DUPLICATE_INTERVAL === 0) await this.#attempt(report, true);
	}

	async #attempt(report: Acknowledged, isCopy = false): Promise<boolean> {
		const sentAt = performance.now();
		try {
			const request = deliveryReportRequest({ ...report, date: '2026-03-16T14:03:51Z', statusText: this.statusText });
			const url = this.#urls[this.#attempts++ % this.#urls.length];
			const response = await fetch(`${url}/mm7`, { ...request, signal: AbortSignal.timeout(RESPONSE_TIMEOUT_MS) });
			const received = { status: response.status, body: await response.text() };
			if (judgeAsSinch(received, report.transactionId).verdict === 'accepted') {
				if (!isCopy) this.ledger.push(report);
				this.latencies.push(performance.now() - sentAt);
				this.#events.emit('acknowledged', sentAt);
				return true;
			}
			this.#events.emit('refused', received.status, parseResponse(received.body).statusCode);
		} catch {
			// a killed inbox does not respond
		}
		return false;
	}
}
