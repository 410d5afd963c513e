import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { keepAliveAgent, send as sendRequest } from '../client.js';
import { RELEASE_NAMESPACES } from '../testing/fields.js';
import {
	deliveryReportRequest,
	judgeAsSinch,
	type Mm7Release,
	type RequestForm,
	readReplyRequest,
} from '../testing/index.js';
import { type LifeOptions, messageLives, type PlannedMessage, type PlannedReport } from './message-lives.js';
import { type Registry, registerAt, type SubmittedMessage } from './register.js';
import { type Attempt, type Copy, type Summary, Tally } from './summary.js';

/** The settings of a simulation. */
export interface Simulation extends LifeOptions {
	readonly url: URL;
	/** Maximum number of connections. */
	readonly concurrency: number;
	/** Milliseconds from the start of a request to the end of its response. */
	readonly timeout: number;
	/** Maximum number of retries of a report. */
	readonly retries: number;
	/** Milliseconds before each of them. */
	readonly retryAfter: number;
	readonly form: RequestForm;
	readonly version: Mm7Release;
	/** Value of the Authorization header. */
	readonly authorization: string | undefined;
	/** Where each message is registered before its first report; `undefined` registers none. */
	readonly registry: Registry | undefined;
}

/** Called while a simulation runs. */
export interface SimulationEvents {
	/** A message is finished. */
	onProgress?(counts: Tally['counts']): void;
	/** A request was not accepted. */
	onFailure?(attempt: Attempt): void;
}

/**
 * Acts as the provider of all messages. Reports of one message are sent in order, each after the one before it is
 * settled or given up. A report that waits for its next attempt does not count as a request in flight, so a failing
 * receiver sees as many messages as a working one.
 *
 * @param signal - ends the simulation early; the summary has the results until then
 */
export async function simulate(
	simulation: Simulation,
	signal: AbortSignal,
	events: SimulationEvents = {},
): Promise<Summary> {
	const agent = keepAliveAgent(simulation.url, simulation.concurrency);
	const register = simulation.registry && registerAt(simulation.registry, simulation.concurrency);
	const slots = new Slots(simulation.concurrency);
	const tally = new Tally();
	const running = new Set<Promise<void>>();
	setMaxListeners(0, signal); // one for each request in flight

	try {
		for (const message of messageLives(simulation, new Date())) {
			await slots.acquire();
			const living = live(message).finally(() => {
				slots.release();
				running.delete(living);
			});
			running.add(living);
			if (signal.aborted) break;
		}
		await Promise.all(running);
	} finally {
		agent.destroy();
		register?.agent.destroy();
	}
	return tally.summary({ seed: simulation.seed, interrupted: signal.aborted });

	/** Never rejects because of an interruption. */
	async function live({ reports, ...message }: PlannedMessage): Promise<void> {
		try {
			if (register) await registerMessage(message);
			if (reports.length === 0) tally.stayedSilent();
			for (const report of reports) {
				signal.throwIfAborted();
				await deliver(report);
			}
		} catch (error) {
			if (signal.aborted) return;
			throw error;
		}
		tally.finishedMessage();
		events.onProgress?.(tally.counts);
	}

	/** Its reports are sent even if that fails, as those of a provider are. */
	async function registerMessage(message: SubmittedMessage): Promise<void> {
		try {
			await register?.message(message, simulation.timeout, signal);
			tally.registered();
		} catch (error) {
			signal.throwIfAborted();
			const reason = `registration: ${(error as Error).message}`;
			tally.notRegistered(reason);
			events.onFailure?.({ verdict: 'retry', reason, latency: undefined });
		}
	}

	async function deliver(report: PlannedReport): Promise<void> {
		let { verdict } = await send(report, 'first');
		for (let retry = 0; verdict === 'retry' && retry < simulation.retries; retry++) {
			await pause();
			({ verdict } = await send(report, 'retry'));
		}
		tally.ended(verdict === 'retry' ? 'lost' : verdict);
		if (verdict === 'accepted' && report.duplicated) await send(report, 'duplicate');
	}

	/** @throws the reason of the signal once it is aborted, whatever happened to the request */
	async function send({ isReadReply, fields }: PlannedReport, copy: Copy): Promise<Attempt> {
		const { url, timeout, form, version, authorization } = simulation;
		const headers = authorization === undefined ? {} : { Authorization: authorization };
		const makeRequest = isReadReply ? readReplyRequest : deliveryReportRequest;
		const sent = {
			transactionId: fields.transactionId,
			operation: isReadReply ? 'ReadReplyReq' : 'DeliveryReportReq',
			namespace: RELEASE_NAMESPACES[version],
		} as const;
		const request = makeRequest(fields, { form, version, headers });
		tally.sending(copy, isReadReply);
		const start = performance.now();
		let made: Attempt;
		try {
			const reply = await sendRequest(url, { ...request, timeout, signal, agent });
			made = { latency: performance.now() - start, ...judgeAsSinch(reply, sent) };
		} catch (error) {
			signal.throwIfAborted();
			made = { verdict: 'retry', reason: (error as Error).message, latency: undefined };
		}
		tally.sent(made, copy);
		if (made.verdict !== 'accepted') events.onFailure?.(made);
		return made;
	}

	/** Waits for a retry; other messages can use the slot in the meantime. */
	async function pause(): Promise<void> {
		slots.release();
		try {
			await delay(simulation.retryAfter, undefined, { signal });
		} finally {
			await slots.acquire();
		}
	}
}

/** A fixed number of slots, given out in the order of the calls. */
class Slots {
	#free: number;
	readonly #waiting: (() => void)[] = [];

	constructor(count: number) {
		this.#free = count;
	}

	async acquire(): Promise<void> {
		if (this.#free > 0) this.#free--;
		else await new Promise<void>((resolve) => this.#waiting.push(resolve));
	}

	release(): void {
		const next = this.#waiting.shift();
		if (next) next();
		else this.#free++;
	}
}
