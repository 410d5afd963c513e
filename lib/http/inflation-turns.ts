import { Mm7Error } from '../errors.js';
import { within } from '../time-limit.js';

/** Maximum number of concurrent inflations. Each uses memory and a thread. */
const MAX_INFLATIONS = 2;
/** No inflation begins while inflated bodies in memory are larger than this in total. */
const MAX_INFLATED_BYTES = 16 * 1024 * 1024;
/** How long an inflated body stays in memory after its response was handed to Node.js. */
const MAX_USE_MS = 1000;

// Memory belongs to the process, so all its receivers share these.
const inflated = new Set<Buffer>();
let inflatedBytes = 0;
let running = 0;
/** In descending order of `rank`. */
const waiting: Waiting[] = [];
const waitingBytes = new WeakMap<object, number>();

interface Waiting {
	/** Compressed bytes of this body and of those before it on its connection. */
	readonly rank: number;
	readonly start: () => void;
}

/** A body that waits to be inflated. */
export interface InflationTurn {
	/** The connection. Its bodies wait for each other, so that they do not delay other connections. */
	readonly connection: object;
	/** Compressed bytes of the body. */
	readonly size: number;
	readonly maxWaitMs: number;
}

/**
 * Inflates a body as soon as memory allows it. The connection that has sent the least is next, so a report does not
 * wait for a flood. The result counts as memory in use until it is passed to {@link release}.
 *
 * @throws Mm7Error ERR_MM7_BODY_TIMEOUT, and anything that `inflate` throws
 */
export async function inTurn(turn: InflationTurn, inflate: () => Promise<Buffer>): Promise<Buffer> {
	await waitFor(turn);
	try {
		const bytes = await inflate();
		inflated.add(bytes);
		inflatedBytes += bytes.length;
		return bytes;
	} finally {
		running--;
		startNext();
	}
}

/** Makes room for the next inflation; ignores bytes that {@link inTurn} did not return. */
export function release(bytes: Buffer | undefined): void {
	if (!bytes || !inflated.delete(bytes)) return;
	inflatedBytes -= bytes.length;
	startNext();
}

/**
 * Releases bytes once they have been used, or after a second: their user may wait for a client or a store while other
 * requests wait for the memory. `forget` drops the references to them.
 */
export async function releaseAfter(used: Promise<unknown>, bytes: Buffer | undefined, forget: () => void) {
	if (!bytes || !inflated.has(bytes)) return;
	await within(MAX_USE_MS, () => used).catch(() => undefined);
	forget();
	release(bytes);
}

function waitFor({ connection, size, maxWaitMs }: InflationTurn): Promise<void> {
	return new Promise((resolve, reject) => {
		const rank = (waitingBytes.get(connection) ?? 0) + size;
		waitingBytes.set(connection, rank);
		const leave = () => {
			clearTimeout(timer);
			waiting.splice(waiting.lastIndexOf(entry), 1);
			waitingBytes.set(connection, (waitingBytes.get(connection) ?? 0) - size);
		};
		const start = () => {
			leave();
			resolve();
		};
		const entry: Waiting = { rank, start };
		const timer = setTimeout(() => {
			leave();
			reject(new Mm7Error('ERR_MM7_BODY_TIMEOUT', { detail: 'too many compressed requests at one time' }));
		}, maxWaitMs);
		const later = waiting.findIndex((other) => other.rank <= rank);
		waiting.splice(later === -1 ? waiting.length : later, 0, entry);
		startNext();
	});
}

function startNext(): void {
	while (running < MAX_INFLATIONS && inflatedBytes < MAX_INFLATED_BYTES) {
		const next = waiting.at(-1);
		if (!next) return;
		running++;
		next.start();
	}
}
