import type { JetStreamClient, JsMsg } from '@nats-io/jetstream';
import type { Config } from './config.js';
import { buryMessage } from './dead-letters.js';
import { decodeReport, type ReportMessage, UnreadableMessage } from './report-message.js';
import { REPORTS, WORKERS } from './streams.js';

/** What a worker does with a report; it may be called again with the same one, also by another worker. */
export type HandleReport = (message: ReportMessage) => Promise<void>;

export type ConsumeOptions = Pick<Config, 'WORKER_CONCURRENCY' | 'MAX_ATTEMPTS' | 'BACKOFF_MS' | 'MAX_BACKOFF_MS'>;

/**
 * Takes reports from the queue, at least once each, until the signal is aborted; then ends those in hand.
 *
 * A report leaves the queue when it is handled. Where handling fails it comes again after a pause that doubles each
 * time, and where a worker dies after `ACK_WAIT_MS`; what failed `MAX_ATTEMPTS` times, or can never be read, becomes
 * a dead letter.
 *
 * @throws Error where the stream or the consumer was deleted
 */
export async function consumeReports(
	jetstream: JetStreamClient,
	handle: HandleReport,
	options: ConsumeOptions,
	signal: AbortSignal,
): Promise<void> {
	const consumer = await jetstream.consumers.get(REPORTS, WORKERS);
	const messages = await consumer.consume({
		// the clock of ACK_WAIT_MS also runs for what waits here
		max_messages: 2 * options.WORKER_CONCURRENCY,
		abort_on_missing_resource: true,
	});
	const stop = () => messages.stop();
	signal.addEventListener('abort', stop, { once: true });
	if (signal.aborted) stop();

	const inHand = new Set<Promise<void>>();
	for await (const message of messages) {
		const work = settle(jetstream, message, handle, options).finally(() => inHand.delete(work));
		inHand.add(work);
		if (inHand.size >= options.WORKER_CONCURRENCY) await Promise.race(inHand);
	}
	await Promise.all(inHand);
}

/** One delivery of one message, from reading it to telling NATS what became of it. Never rejects. */
async function settle(
	jetstream: JetStreamClient,
	message: JsMsg,
	handle: HandleReport,
	options: ConsumeOptions,
): Promise<void> {
	const { deliveryCount } = message.info;
	try {
		// it was delivered before and nobody reported a failure: each time the worker died of it
		if (deliveryCount > options.MAX_ATTEMPTS) {
			await buryMessage(jetstream, message, `no worker survived it in ${options.MAX_ATTEMPTS} attempts`);
			return;
		}
		await handle(decodeReport(message.string()));
		message.ack();
	} catch (error) {
		await settleFailure(jetstream, message, error, options);
	}
}

async function settleFailure(
	jetstream: JetStreamClient,
	message: JsMsg,
	error: unknown,
	options: ConsumeOptions,
): Promise<void> {
	const { deliveryCount } = message.info;
	const reason = error instanceof Error ? error.message : String(error);
	const isLast = deliveryCount >= options.MAX_ATTEMPTS || error instanceof UnreadableMessage;
	console.error(`worker ${process.pid} message ${message.seq}, attempt ${deliveryCount}: ${reason}`);
	try {
		if (isLast) await buryMessage(jetstream, message, reason);
		else message.nak(backoff(deliveryCount, options));
	} catch (failure) {
		// neither gone nor given back: it comes again after ACK_WAIT_MS
		console.error(`worker ${process.pid} message ${message.seq} stays in the queue: ${failure}`);
	}
}

/** Milliseconds until the next attempt. */
function backoff(attempt: number, { BACKOFF_MS, MAX_BACKOFF_MS }: ConsumeOptions): number {
	return Math.min(BACKOFF_MS * 2 ** (attempt - 1), MAX_BACKOFF_MS);
}
