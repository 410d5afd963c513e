import type { IncomingMessage } from 'node:http';
import {
	aBoolean,
	aFunction,
	type Check,
	type Completed,
	checkFor,
	complete,
	either,
	isPlainObject,
	milliseconds,
	oneOf,
	quote,
	size,
	whole,
} from './checks.js';
import type { OnExchange } from './exchange.js';
import type { Mm7Request } from './express-types.js';
import { type AddressList, addressList } from './http/address-list.js';
import type { LimitOptions, Limits } from './limits.js';
import type { Authenticate } from './steps/admit.js';
import {
	type DeduplicateOptions,
	type DuplicateOptions,
	type DuplicateStore,
	memoryStore,
} from './steps/duplicates.js';
import type { OperationHandler, ReadReplyHandler } from './steps/run-handler.js';

/**
 * Options of `mm7DeliveryReports`. All are optional; `undefined` means absent. Unknown names and bad values throw a
 * TypeError in the factory.
 */
export interface Options<Req extends IncomingMessage = Mm7Request> {
	/** Limits of one request. A larger request is rejected. */
	readonly limits?: LimitOptions | undefined;
	/** Milliseconds for the handler; after that the provider is asked to retry. Default 8000, below Sinch's 10 s. */
	readonly handlerTimeout?: number | undefined;
	/** Milliseconds for the body to arrive; after that 408. Default 10000. */
	readonly bodyTimeout?: number | undefined;
	/**
	 * Admits a request by returning true; otherwise 401. Throw `new Mm7Rejection(4007)` for a 403. If it throws anything
	 * else, or does not settle within `handlerTimeout`, the response is 500. `basicAuth` makes one. Default: all requests
	 * are allowed.
	 */
	readonly authenticate?: Authenticate<Req> | undefined;
	/**
	 * Addresses and CIDR ranges that may send, checked against `req.ip`; others get 403. `::/0` includes IPv4. Default: all
	 * addresses are allowed.
	 */
	readonly allowFrom?: readonly string[] | string | undefined;
	/**
	 * Handles read replies (`ReadReplyReq`), with the outcomes of the handler of reports; the response is a `ReadReplyRsp`.
	 * Default: none, and a read reply is one of the other operations.
	 */
	readonly readReplies?: ReadReplyHandler<Req> | undefined;
	/**
	 * Other MM7 operations: `'fault'` responds with 4003, `'next'` calls the next middleware with `req.mm7Envelope` set, and
	 * a handler is run like that of reports: the response is the operation's own, `DeliverRsp` for a `DeliverReq`. Default
	 * `'fault'`.
	 */
	readonly otherOperations?: 'fault' | 'next' | OperationHandler<Req> | undefined;
	/**
	 * `true` repeats mustUnderstand="1" of the request's TransactionID in the response. `'auto'` does so except to user
	 * agents of SOAP stacks that reject such a response (Axis, Axis2, JAX-WS RI, asmx clients). Default `'auto'`.
	 */
	readonly echoMustUnderstand?: boolean | 'auto' | undefined;
	/**
	 * HTTP status of faults about the request, 200 or 400 to 599. SOAP 1.1 says 500. 200 is for relays that retry a broken
	 * report forever; clients that only look at the HTTP status then consider it accepted. Default 500.
	 */
	readonly clientFaultStatus?: number | undefined;
	/**
	 * Handles each report once, however often it is sent: `true` remembers reports in memory, `{ store, ttl }` in your own
	 * store. A copy that arrives while the first is being handled waits for its outcome, for up to ten times
	 * `handlerTimeout`. Default: off.
	 */
	readonly deduplicate?: boolean | DeduplicateOptions | undefined;
	/** Called once for each request after its response, and again for a late result. Default: none. */
	readonly onExchange?: OnExchange<Req> | undefined;
}

const addresses: Check<AddressList> = {
	expected: 'an IP address or CIDR range, or a list of them',
	read(value) {
		const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
		if (entries.length === 0 || !entries.every((entry) => typeof entry === 'string')) return undefined;
		try {
			return addressList(entries);
		} catch (error) {
			throw new TypeError(`option allowFrom: ${(error as TypeError).message}, in ${quote(value)}`);
		}
	},
};

/** Other statuses are redirects or have no body. */
const faultStatus = either('200, or an HTTP status from 400 to 599', whole(200, 200), whole(400, 599));
const booleanOrAuto = either<boolean | 'auto'>('true, false or "auto"', aBoolean, oneOf('auto'));
const operations = either<unknown>('"fault", "next" or a function', aFunction, oneOf('fault', 'next'));

const aStore = checkFor('an object with get(key) and set(key, value, ttl)', (value): value is DuplicateStore => {
	const { get, set } = (value ?? {}) as Partial<DuplicateStore>;
	return typeof get === 'function' && typeof set === 'function';
});

const DEDUPLICATE_FIELDS = {
	store: [aStore, undefined],
	ttl: [milliseconds, 24 * 60 * 60 * 1000],
	storeTimeout: [milliseconds, 1000],
} as const;

const deduplication: Check<DuplicateOptions | false> = {
	expected: 'true, false or { store, ttl, storeTimeout }',
	read(value) {
		if (value === false) return false;
		if (aStore.read(value)) throw new TypeError('option deduplicate is a store: write { store: … } instead');
		if (value !== true && !isPlainObject(value)) return undefined;
		const { store, ...times } = complete(value === true ? {} : value, DEDUPLICATE_FIELDS, 'option deduplicate.');
		return { store: store ?? memoryStore(), ...times };
	},
};

const LIMIT_FIELDS = {
	body: [size, 1024 * 1024],
	soap: [size, 256 * 1024],
	parts: [whole(1, 1000), 16],
	elements: [whole(1, 1_000_000), 512],
	// the tree is walked by recursion
	depth: [whole(4, 256), 32],
	attributes: [whole(1, 10_000), 64],
} as const;

const limits: Check<Limits> = {
	expected: '{ body, soap, parts, elements, depth, attributes }',
	read: (value) => (isPlainObject(value) ? complete(value, LIMIT_FIELDS, 'option limits.') : undefined),
};

const FIELDS = {
	limits: [limits, complete({}, LIMIT_FIELDS, '')],
	handlerTimeout: [milliseconds, 8000],
	bodyTimeout: [milliseconds, 10_000],
	authenticate: [aFunction, undefined],
	allowFrom: [addresses, undefined],
	readReplies: [aFunction, undefined],
	otherOperations: [operations, 'fault'],
	echoMustUnderstand: [booleanOrAuto, 'auto'],
	clientFaultStatus: [faultStatus, 500],
	deduplicate: [deduplication, undefined],
	onExchange: [aFunction, undefined],
} as const;

/** The application's functions. Their parameter types cannot be checked. */
type Callback = 'authenticate' | 'readReplies' | 'otherOperations' | 'onExchange';

/** The complete and checked options, as the steps use them. */
export type Config<Req extends IncomingMessage> = Omit<Completed<typeof FIELDS>, Callback> &
	Required<Pick<Options<Req>, Callback>>;

/** @throws TypeError for an unknown name or a bad value */
export function completeOptions<Req extends IncomingMessage>(options: Options<Req> = {}): Config<Req> {
	return complete(options, FIELDS, 'option ') as Config<Req>;
}
