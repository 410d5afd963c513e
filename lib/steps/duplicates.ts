import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Mm7Error, reasonOf } from '../errors.js';
import type { DeliveryReport, ReadReply } from '../mm7/messages.js';
import { isAcceptance, isStatusCode, type Mm7Status } from '../mm7/status.js';
import { within } from '../time-limit.js';

/**
 * Where handled reports are remembered. A `Keyv` works as it is, with any of its adapters.
 */
export interface DuplicateStore {
	/** The value under a key; `undefined` or `null` where there is none. */
	get(key: string): unknown;
	/** @param ttl - milliseconds until the value may be forgotten */
	set(key: string, value: unknown, ttl: number): unknown;
}

/** How duplicates are watched. */
export interface DuplicateOptions {
	readonly store: DuplicateStore;
	/** Milliseconds that a handled report is remembered. */
	readonly ttl: number;
	/** Milliseconds that the store may take before it is skipped. */
	readonly storeTimeout: number;
}

/** How many reports the memory store holds before it forgets the oldest. */
const MEMORY_ENTRIES = 100_000;
/** Copies of a report wait for its handler for up to this many times the deadline. */
const GIVE_UP = 10;
const LONGEST_DELAY = 2 ** 31 - 1;

/** The store of `deduplicate: true`: in memory, bounded, for one process. */
export function memoryStore(): DuplicateStore {
	const cache = new LRUCache<string, object>({ max: MEMORY_ENTRIES });
	return {
		get: (key) => cache.get(key),
		set: (key, value, ttl) => cache.set(key, value as object, { ttl }),
	};
}

/**
 * The key under which copies of a report are the same report: TransactionID, MessageID, recipient, MMStatus and
 * Date together, hashed. Never the TransactionID alone: there are relays that use one for all reports of a message.
 *
 * @param report - a delivery report or a read reply, whose keys never meet
 * @returns 43 characters, safe in any store or header
 */
export function duplicateKey(report: DeliveryReport | ReadReply): string {
	const { transactionId, messageId, recipient, mmStatus, dateText } = report;
	const parts = [transactionId, messageId, recipient.address, mmStatus, dateText ?? ''];
	if (!('final' in report)) parts.push('ReadReplyReq');
	return hash('sha256', JSON.stringify(parts), 'base64url');
}

/** What became of a report, and whether it had been handled before. */
export interface Handled {
	readonly status: Mm7Status;
	readonly duplicate: boolean;
	/** Settles, never rejects, when the store knows of it. */
	readonly remembered?: Promise<void>;
}

/** Runs a handler unless the report of that key was handled, or is being handled now. */
export type HandleOnce = (
	key: string,
	handle: () => Promise<Mm7Status>,
	onStoreError: (error: Mm7Error) => void,
) => Promise<Handled>;

/**
 * Makes the function that watches for duplicates. Only accepted outcomes are remembered, so a report that was refused or
 * failed is handled again. A store that fails or hangs never stops a report: it is handled as if it were new. Nor does a
 * handler that never ends: after ten times its deadline the next copy is handled.
 *
 * @param handlerTimeout - milliseconds; the store gets no more than half of them before the handler is called
 */
export function watchDuplicates({ store, ttl, storeTimeout }: DuplicateOptions, handlerTimeout: number): HandleOnce {
	const running = new Map<string, Promise<Handled>>();
	const askTimeout = Math.min(storeTimeout, handlerTimeout / 2);

	return async function handleOnce(key, handle, onStoreError) {
		const other = running.get(key);
		if (other) return { status: (await other).status, duplicate: true };

		const own = run(key, handle, onStoreError);
		running.set(key, own);
		const forget = () => {
			clearTimeout(timer);
			// another may have taken the place of one that was given up
			if (running.get(key) === own) running.delete(key);
		};
		const timer = setTimeout(forget, Math.min(handlerTimeout * GIVE_UP, LONGEST_DELAY)).unref();
		// until the store knows, the next copy has to find it here
		own.then(({ remembered }) => remembered).then(forget, forget);
		return own;
	};

	async function run(
		key: string,
		handle: () => Promise<Mm7Status>,
		onStoreError: (error: Mm7Error) => void,
	): Promise<Handled> {
		const known = await ask(() => store.get(key), askTimeout, onStoreError);
		if (isHandled(known)) return { status: known, duplicate: true };
		const status = await handle();
		if (!isAcceptance(status.statusCode)) return { status, duplicate: false };
		const remembered = ask(() => store.set(key, status, ttl), storeTimeout, onStoreError).then(() => undefined);
		return { status, duplicate: false, remembered };
	}

	/** The answer of the store, within its time; `undefined` if it failed. */
	async function ask(call: () => unknown, timeout: number, onStoreError: (error: Mm7Error) => void): Promise<unknown> {
		try {
			return await within(timeout, call);
		} catch (cause) {
			onStoreError(new Mm7Error('ERR_MM7_STORE_FAILED', { cause, detail: reasonOf(cause) }));
			return undefined;
		}
	}
}

function isHandled(value: unknown): value is Mm7Status {
	const { statusCode } = (value ?? {}) as Partial<Mm7Status>;
	return isStatusCode(statusCode) && isAcceptance(statusCode);
}
