import { EventEmitter, once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { deliveryReportRequest, judgeAsSinch, parseAnswer } from 'mm7-delivery-reports/testing';

/** A report that was acknowledged. */
export interface Acknowledged {
	readonly transactionId: string;
	readonly messageId: string;
	readonly mmStatus: string;
}

/** Milliseconds that a provider waits for an answer. */
const ANSWER_TIMEOUT = 10_000;
/** Milliseconds until a report is sent again. */
const RETRY_AFTER = 50;
/** Every so many messages are reported on in the opposite order, and every so many reports are sent once more. */
const OUT_OF_ORDER = 3;
const DUPLICATES = 20;

/**
 * Some connections of a provider that sends without end, each report until it is acknowledged. It keeps a ledger of what
 * was, for that must never be missing afterwards.
 */
export class Provider {
	readonly ledger: Acknowledged[] = [];
	/** Milliseconds to each acknowledgement. */
	latencies: number[] = [];
	/** Of each report that is sent from now on. */
	statusText = 'Success';
	readonly #urls: readonly string[];
	#attempts = 0;
	readonly #events = new EventEmitter();
	readonly #senders: Promise<void>[];
	#stopped = false;
	#abandoned = false;
	#messages = 0;

	/** @param urls - of the inboxes, which get attempts in turn */
	constructor(urls: readonly string[], senders = 8) {
		this.#urls = urls;
		this.#events.setMaxListeners(0);
		this.#senders = Array.from({ length: senders }, () => this.#send());
	}

	/** Settles when a report is acknowledged that is sent after now; the milliseconds that took. */
	async nextAcknowledgement(): Promise<number> {
		const start = performance.now();
		for (;;) {
			const [sentAt] = await once(this.#events, 'acknowledged');
			if (sentAt >= start) return performance.now() - start;
		}
	}

	/** Settles when so many more reports are acknowledged. */
	async acknowledged(count: number): Promise<void> {
		const wanted = this.ledger.length + count;
		while (this.ledger.length < wanted) await once(this.#events, 'acknowledged');
	}

	/** Settles when a report is answered as one that could not be stored. */
	async refused(): Promise<void> {
		for (;;) {
			const [httpStatus, statusCode] = await once(this.#events, 'refused');
			if (httpStatus === 500 && statusCode === 4006) return;
		}
	}

	/** Sends each message that was begun to its end, and no further one. */
	async stop(): Promise<void> {
		this.#stopped = true;
		await Promise.all(this.#senders);
	}

	/** Sends nothing more. */
	abandon(): void {
		this.#stopped = true;
		this.#abandoned = true;
	}

	async #send(): Promise<void> {
		while (!this.#stopped) {
			const number = ++this.#messages;
			const words = ['Forwarded', number % 2 === 0 ? 'Retrieved' : 'Expired'];
			if (number % OUT_OF_ORDER === 0) words.reverse();
			for (const mmStatus of words)
				await this.#deliver({ transactionId: `${number}-${mmStatus}`, messageId: `m${number}`, mmStatus });
		}
	}

	async #deliver(report: Acknowledged): Promise<void> {
		while (!this.#abandoned && !(await this.#attempt(report))) await delay(RETRY_AFTER);
		if (this.ledger.length % DUPLICATES === 0) await this.#attempt(report, true);
	}

	async #attempt(report: Acknowledged, isCopy = false): Promise<boolean> {
		const sentAt = performance.now();
		try {
			const request = deliveryReportRequest({ ...report, date: '2026-03-16T14:03:51Z', statusText: this.statusText });
			const url = this.#urls[this.#attempts++ % this.#urls.length];
			const response = await fetch(`${url}/mm7`, { ...request, signal: AbortSignal.timeout(ANSWER_TIMEOUT) });
			const answer = { status: response.status, body: await response.text() };
			if (judgeAsSinch(answer, report.transactionId).verdict === 'accepted') {
				if (!isCopy) this.ledger.push(report);
				this.latencies.push(performance.now() - sentAt);
				this.#events.emit('acknowledged', sentAt);
				return true;
			}
			this.#events.emit('refused', answer.status, parseAnswer(answer.body).statusCode);
		} catch {
			// no answer, which happens to those who are killed
		}
		return false;
	}
}
