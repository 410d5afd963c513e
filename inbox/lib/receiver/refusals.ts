import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '../log.js';
import { DatabaseError } from '../store/database.js';
import { OTHER_PEERS } from '../store/read/refused.js';
import { MAX_BODY_BYTES, type RefusalCount, type Refusals, type RefusedRequest } from '../store/refusal-repository.js';
import type { Keeper } from './keeper.js';
import type { ReceiverMetrics } from './metrics.js';

/** Counts refused requests and keeps some of them as examples, after their responses. */
export interface RefusalCounter {
	/**
	 * Counts a request.
	 *
	 * @param request - makes the example; only called if there is room for it
	 * @returns whether the request is kept as an example
	 */
	add(refusal: Refusal, request: MakeRequest): boolean;
	/**
	 * Counts a request without credentials, unless the client repeats it with credentials within seconds: some HTTP
	 * clients send credentials only after a 401.
	 */
	addChallenge(client: string, refusal: Refusal, request: MakeRequest): void;
	/** Takes back the oldest of these, because a request with credentials came from that client. */
	challengeMet(client: string): void;
	/** Settles when everything is written, or cannot be. */
	finished(): Promise<void>;
}

/** The facts that requests are counted by. */
export type Refusal = Pick<RefusedRequest, 'reason' | 'provider' | 'peer'>;

/** Makes the rest of an example. */
type MakeRequest = () => Omit<RefusedRequest, keyof Refusal>;

/** Addresses and providers that are counted separately, per hour and reason. Clients choose both. */
const MAX_PEERS = 20;
/** Longer than any IP address; with TRUST_PROXY, a client chooses the text. */
const MAX_PEER_LENGTH = 64;
const MAX_PROVIDER_LENGTH = 100;
/** Examples that can wait to be written, so that a flood for one reason leaves room for others. */
const MAX_WAITING_PER_REASON = 50;
/** The size of their bodies together. */
const MAX_WAITING_BYTES = 2 * 1024 * 1024;
/** Collects refusals that are written together. */
const WRITE_DELAY_MS = 500;
/** The pause after a write, as a multiple of the time it took: these writes use at most a tenth of the database's time. */
const PAUSE_RATIO = 10;
/** The pause after a failed write, instead. */
const RETRY_DELAY_MS = 2_000;
/** How long a client can take to repeat a request with credentials. */
const CHALLENGE_MS = 5_000;
const MAX_CHALLENGES = 200;

const HOUR_MS = 3_600_000;

/**
 * Makes the counter. Refusals are written in groups, one write at a time. While that fails, the counts wait in memory,
 * with the first examples. Neither grows with the number of requests or clients.
 */
export function countRefusals(keep: Keeper['keepRefusals'], metrics: ReceiverMetrics, log: Logger): RefusalCounter {
	let counts = new Map<string, RefusalCount>();
	let waiting: RefusedRequest[] = [];
	/** The batch whose write failed. It is retried unchanged, because it may have been written nevertheless. */
	let unwritten: Refusals | undefined;
	let challenges: { client: string; expires: number; count(): void }[] = [];
	/** The pairs of provider and address that are counted separately in this hour, by reason. */
	const known = new Map<string, Set<string>>();
	let knownHour = 0;
	const hurry = new AbortController();
	let writing: Promise<void> | undefined;
	let isFailing = false;

	function add(refusal: Refusal, request: MakeRequest): boolean {
		const now = new Date();
		const { reason } = refusal;
		const { provider, peer } = countedAs(refusal, now);
		addCount({ reason, provider, peer, lastAt: now });
		const isKept = hasRoom(reason);
		if (isKept) {
			const example = { ...refusal, ...request() };
			// a copy, because a part of a buffer would keep all of it in memory
			waiting.push({ ...example, body: Buffer.from(example.body.subarray(0, MAX_BODY_BYTES)) });
		} else metrics.refusedDropped(1);
		writing ??= writeAll();
		return isKept;
	}

	function countedAs({ reason, provider, peer }: Refusal, now: Date): Pick<Refusal, 'provider' | 'peer'> {
		const hour = Math.floor(now.getTime() / HOUR_MS);
		if (hour !== knownHour) known.clear();
		knownHour = hour;
		const pairs = known.get(reason) ?? new Set();
		known.set(reason, pairs);
		const own = { provider: provider.slice(0, MAX_PROVIDER_LENGTH), peer: peer.slice(0, MAX_PEER_LENGTH) };
		const pair = JSON.stringify(own);
		if (!pairs.has(pair) && pairs.size >= MAX_PEERS) return { provider: '', peer: OTHER_PEERS };
		pairs.add(pair);
		return own;
	}

	function addCount(added: Omit<RefusalCount, 'count' | 'firstAt'>): void {
		const { reason, provider, peer, lastAt } = added;
		const key = JSON.stringify([Math.floor(lastAt.getTime() / HOUR_MS), reason, provider, peer]);
		const { count = 0, firstAt = lastAt } = counts.get(key) ?? {};
		counts.set(key, { ...added, count: count + 1, firstAt });
	}

	function hasRoom(reason: string): boolean {
		const all = [...(unwritten?.requests ?? []), ...waiting];
		const same = all.filter((request) => request.reason === reason);
		const bytes = all.reduce((sum, { body }) => sum + body.length, 0);
		return same.length < MAX_WAITING_PER_REASON && bytes < MAX_WAITING_BYTES;
	}

	function countChallenges(): void {
		const now = performance.now();
		const due = challenges.filter(({ expires }) => expires <= now || hurry.signal.aborted);
		challenges = challenges.filter((challenge) => !due.includes(challenge));
		for (const { count } of due) count();
	}

	async function writeAll(): Promise<void> {
		while (unwritten || counts.size > 0 || challenges.length > 0) {
			await delay(WRITE_DELAY_MS, undefined, { signal: hurry.signal }).catch(() => {});
			countChallenges();
			if (!unwritten && counts.size === 0) continue;
			const start = performance.now();
			await write();
			if (isFailing && hurry.signal.aborted) break;
			const pause = isFailing ? RETRY_DELAY_MS : (performance.now() - start) * PAUSE_RATIO;
			await delay(pause, undefined, { signal: hurry.signal }).catch(() => {});
		}
		writing = undefined;
	}

	async function write(): Promise<void> {
		const batch = unwritten ?? takeBatch();
		unwritten = undefined;
		try {
			await keep(batch);
			metrics.refusedKept(batch.requests.length);
			isFailing = false;
		} catch (err) {
			// log one line per outage
			if (!isFailing) log.error({ err }, 'failed to store refused requests; their counts wait in memory');
			isFailing = true;
			// one of the requests may be the cause
			const drops = err instanceof DatabaseError && err.failure === 'refused';
			if (drops) metrics.refusedDropped(batch.requests.length);
			unwritten = drops ? { ...batch, requests: [] } : batch;
		}
	}

	function takeBatch(): Refusals {
		const batch = {
			id: `${new Date().toISOString()} ${randomUUID()}`,
			counts: [...counts.values()],
			requests: waiting,
		};
		counts = new Map();
		waiting = [];
		return batch;
	}

	return {
		add,
		addChallenge(client, refusal, request) {
			if (challenges.length >= MAX_CHALLENGES) return void add(refusal, request);
			// made now, because the request is not kept in memory until then
			const example = request();
			const expires = performance.now() + CHALLENGE_MS;
			challenges.push({ client, expires, count: () => add(refusal, () => example) });
			writing ??= writeAll();
		},
		challengeMet(client) {
			const index = challenges.findIndex((challenge) => challenge.client === client);
			if (index >= 0) challenges.splice(index, 1);
		},
		async finished() {
			hurry.abort();
			await writing;
		},
	};
}

/** Headers with secrets, which are not kept. */
const CREDENTIALS = ['authorization', 'proxy-authorization', 'cookie'];

/** The facts about a request that an example has, without its credentials. */
export function factsOf(
	req: Pick<IncomingMessage, 'method' | 'headers'> & { readonly originalUrl: string },
): Pick<RefusedRequest, 'method' | 'path' | 'headers'> {
	return { method: req.method, path: req.originalUrl.split('?')[0], headers: withoutCredentials(req.headers) };
}

function withoutCredentials(headers: IncomingHttpHeaders): Record<string, string> {
	const entries = Object.entries(headers).filter(([name]) => !CREDENTIALS.includes(name));
	return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
}
