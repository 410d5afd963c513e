import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { Mm7Error, reasonOf } from '../errors.js';
import type { DeliveryReport, ReadReply } from '../mm7/messages.js';
import { isAcceptance, isMm7Status, type Mm7Status } from '../mm7/status.js';
import { within } from '../time-limit.js';

/** Remembers handled reports. A `Keyv` works unchanged, with any of its adapters. */
export interface DuplicateStore {
	/** The value of a key; `undefined` or `null` if there is none. */
	get(key: string): unknown;
	/** @param ttl - milliseconds until the value may be forgotten */
	set(key: string, value: unknown, ttl: number): unknown;
}

/** The long form of the option `deduplicate`. */
export interface DeduplicateOptions {
	/** Default: in memory, up to 100,000 reports. */
	readonly store?: DuplicateStore | undefined;
	/** Milliseconds that a handled report is remembered. Default one day. */
	readonly ttl?: number | undefined;
	/**
	 * Milliseconds for the store, after which it is skipped; before the handler is called, at most half of
	 * `handlerTimeout`. Default 1000.
	 */
	readonly storeTimeout?: number | undefined;
}

/** The complete options. */
export type DuplicateOptions = {
	readonly [Name in keyof DeduplicateOptions]-?: NonNullable<DeduplicateOptions[Name]>;
};

const MAX_REMEMBERED_REPORTS = 100_000;
/** Copies of a report wait for its handler for up to this many times the deadline. */
const MAX_DEADLINES = 10;
const MAX_DELAY_MS = 2 ** 31 - 1;

/** The store of `deduplicate: true`: in memory, bounded, for one process. */
export function memoryStore(): DuplicateStore {
	const cache = new LRUCache<string, object>({ max: MAX_REMEMBERED_REPORTS });
	return {
		get: (key) => cache.get(key),
		set: (key, value, ttl) => cache.set(key, value as object, { ttl }),
	};
}

/**
 * A key that all copies of a report share: TransactionID, MessageID, recipient, MMStatus and Date, hashed. Never the
 * TransactionID alone: some relays use one for all reports of a message.
 *
 * @param report - a delivery report or a read reply, whose keys never collide
 * @returns 43 characters, safe in any store or header
 */
export function duplicateKey(report: DeliveryReport | ReadReply): string {
	const { transactionId, messageId, recipient, mmStatus, dateText } = report;
	const parts = [transactionId, messageId, recipient.address, mmStatus, dateText ?? ''];
	if (!('final' in report)) parts.push('ReadReplyReq');
	return hash('sha256', JSON.stringify(parts), 'base64url');
}

/** The outcome of a report, and whether it had been handled before. */
export interface Handled {
	readonly status: Mm7Status;
	readonly duplicate: boolean;
	/** Resolves once the outcome is stored. Never rejects. */
	readonly remembered?: Promise<void>;
}

/** Runs a handler unless the report of that key was handled or is being handled. */
export type HandleOnce = (
	key: string,
	handle: () => Promise<Mm7Status>,
	onStoreError: (error: Mm7Error) => void,
) => Promise<Handled>;

/**
 * Makes the function that detects duplicates. Only accepted reports are remembered, so rejected and failed ones are
 * handled again. If the store fails or hangs, the report is handled as if it were new. If a handler never ends, the next
 * copy is handled after ten times its deadline.
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
			// a later copy may have replaced one that never ended
			if (running.get(key) === own) running.delete(key);
		};
		const timer = setTimeout(forget, Math.min(handlerTimeout * MAX_DEADLINES, MAX_DELAY_MS)).unref();
		// until the outcome is stored, the next copy must find it here
		own.then(({ remembered }) => remembered).then(forget, forget);
		return own;
	};

	async function run(...[key, handle, onStoreError]: Parameters<HandleOnce>): Promise<Handled> {
		const withoutStore = (cause: unknown) =>
			onStoreError(new Mm7Error('ERR_MM7_STORE_FAILED', { cause, detail: reasonOf(cause) }));
		const known = await within(askTimeout, () => store.get(key)).catch(withoutStore);
		if (isMm7Status(known) && isAcceptance(known.statusCode)) return { status: known, duplicate: true };
		const status = await handle();
		if (!isAcceptance(status.statusCode)) return { status, duplicate: false };
		const stored = within(storeTimeout, () => store.set(key, status, ttl));
		return { status, duplicate: false, remembered: stored.then(() => undefined, withoutStore) };
	}
}
