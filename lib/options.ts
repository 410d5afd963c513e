import type { IncomingMessage } from 'node:http';
import {
	aBoolean,
	aFunction,
	type Check,
	complete,
	field,
	isPlainObject,
	milliseconds,
	oneOf,
	Reason,
	size,
	whole,
} from './checks.js';
import type { OnExchange } from './exchange.js';
import type { Mm7Request } from './express-types.js';
import { type AddressList, addressList } from './http/address-list.js';
import type { Limits } from './limits.js';
import type { Authenticate } from './steps/admit.js';
import type { EchoMustUnderstand } from './steps/answer.js';
import { type DuplicateOptions, type DuplicateStore, memoryStore } from './steps/duplicates.js';
import type { OperationHandler, ReadReplyHandler } from './steps/run-handler.js';

/**
 * Options of `mm7DeliveryReports`. All are optional; `undefined` means absent. Unknown names and bad values throw a
 * TypeError in the factory.
 */
export interface Options<Req extends IncomingMessage = Mm7Request> {
	/** Bounds on what one request may hold; a request beyond them is refused. */
	readonly limits?: LimitOptions | undefined;
	/** Milliseconds for the handler; after that the provider is told to retry. Default 8000, below Sinch's 10 s. */
	readonly handlerTimeout?: number | undefined;
	/** Milliseconds for the body to arrive; after that 408. Default 10000. */
	readonly bodyTimeout?: number | undefined;
	/**
	 * Accepts a request by returning true; otherwise 401. If it throws, or does not settle within `handlerTimeout`, the
	 * response is 500; a thrown `Mm7Error` decides the response: `new Mm7Error('ERR_MM7_FORBIDDEN')` is a 403.
	 * `basicAuth` makes one. Default: all requests are allowed.
	 */
	readonly authenticate?: Authenticate<Req> | undefined;
	/**
	 * Addresses and CIDR ranges that may send, checked against `req.ip`; others get 403. `::/0` has IPv4 too. Default: all
	 * may send.
	 */
	readonly allowFrom?: readonly string[] | string | undefined;
	/**
	 * Handles read replies (`ReadReplyReq`), with the same outcomes as the handler of reports; answered with
	 * `ReadReplyRsp`. Default: none, and a read reply is one of the other operations.
	 */
	readonly readReplies?: ReadReplyHandler<Req> | undefined;
	/**
	 * What happens to other MM7 operations: `'fault'` answers 4003, `'next'` calls the next middleware with
	 * `req.mm7Envelope` set, and a handler is run as that of reports is: its outcome is answered with the operation's
	 * own response, `DeliverRsp` for a `DeliverReq`. Default `'fault'`.
	 */
	readonly otherOperations?: 'fault' | 'next' | OperationHandler<Req> | undefined;
	/**
	 * Whether the response's TransactionID repeats mustUnderstand="1" if the request had it. `'auto'` repeats it except to
	 * user agents of SOAP stacks that reject such a response (Axis, Axis2, JAX-WS RI, asmx clients). Default `'auto'`.
	 */
	readonly echoMustUnderstand?: EchoMustUnderstand | undefined;
	/**
	 * HTTP status of faults about the request, 200 or 400 to 599. SOAP 1.1 says 500. 200 is for relays that retry a broken
	 * report forever: clients that only look at the HTTP status take it for an accepted report. Default 500.
	 */
	readonly clientFaultStatus?: number | undefined;
	/**
	 * Handles each report once, however often it is sent: `true` remembers reports in memory, `{ store, ttl }` in your
	 * own store (a Keyv works), for `ttl` milliseconds (default one day). A store that does not answer within
	 * `storeTimeout` milliseconds (default 1000) is skipped. A copy that arrives while the first is being handled waits
	 * for its outcome, for up to ten times `handlerTimeout`. Default: off.
	 */
	readonly deduplicate?: boolean | DeduplicateOptions | undefined;
	/** Called once for each request after its answer, and once more for a late result. Default: none. */
	readonly onExchange?: OnExchange<Req> | undefined;
}

/** The option `limits`. */
export interface LimitOptions {
	/** Maximum size of the body after inflating: bytes, or a string like `'512kb'`. Larger bodies get 413. Default `'1mb'`. */
	readonly body?: number | string | undefined;
	/** Maximum size of the SOAP part: bytes, or a string. Larger ones get 413. Default `'256kb'`. */
	readonly soap?: number | string | undefined;
	/** Maximum number of parts in a multipart body, up to 1000. Default 16. */
	readonly parts?: number | undefined;
	/** Maximum number of XML elements in the SOAP part, up to 1,000,000. Default 512. */
	readonly elements?: number | undefined;
	/** Maximum nesting of XML elements, 4 to 256. Default 32. */
	readonly depth?: number | undefined;
	/** Maximum number of attributes of one XML element, up to 10,000. Default 64. */
	readonly attributes?: number | undefined;
}

/** The long form of the option `deduplicate`. */
export interface DeduplicateOptions {
	/** Default: in memory, up to 100,000 reports. */
	readonly store?: DuplicateStore | undefined;
	/** Milliseconds. Default one day. */
	readonly ttl?: number | undefined;
	/** Milliseconds; before the handler is called, at most half of `handlerTimeout`. Default 1000. */
	readonly storeTimeout?: number | undefined;
}

/** The options, complete and checked: what the steps work with. */
export interface Config<Req extends IncomingMessage> {
	readonly limits: Limits;
	readonly bodyTimeout: number;
	readonly handlerTimeout: number;
	readonly authenticate: Authenticate<Req> | undefined;
	readonly allowFrom: AddressList | undefined;
	readonly readReplies: ReadReplyHandler<Req> | undefined;
	readonly otherOperations: 'fault' | 'next' | OperationHandler<Req>;
	readonly echoMustUnderstand: EchoMustUnderstand;
	readonly clientFaultStatus: number;
	readonly deduplicate: DuplicateOptions | undefined;
	readonly onExchange: OnExchange<Req> | undefined;
}

const KB = 1024;
const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;

const addresses: Check<AddressList> = {
	expected: 'an IP address or CIDR range, or a list of them',
	read(value) {
		const entries: unknown = typeof value === 'string' ? [value] : value;
		if (!Array.isArray(entries) || entries.length === 0) return undefined;
		if (!entries.every((entry) => typeof entry === 'string')) return undefined;
		try {
			return addressList(entries);
		} catch (error) {
			throw new Reason((error as TypeError).message);
		}
	},
};

/** Others have no body, or mean another address. */
const faultStatus: Check<number> = {
	expected: '200, or an HTTP status from 400 to 599',
	read: (value) => (value === 200 ? value : whole(400, 599).read(value)),
};

const booleanOrAuto: Check<EchoMustUnderstand> = {
	expected: 'true, false or "auto"',
	read: (value) => aBoolean.read(value) ?? oneOf('auto').read(value),
};

const operations: Check<object | 'fault' | 'next'> = {
	expected: '"fault", "next" or a function',
	read: (value) => aFunction.read(value) ?? oneOf('fault', 'next').read(value),
};

const aStore: Check<DuplicateStore> = {
	expected: 'an object with get(key) and set(key, value, ttl)',
	read(value) {
		const { get, set } = (value ?? {}) as Partial<DuplicateStore>;
		return typeof get === 'function' && typeof set === 'function' ? (value as DuplicateStore) : undefined;
	},
};

const DEDUPLICATE_FIELDS = {
	store: field<DuplicateStore | undefined>(aStore, undefined),
	ttl: field(milliseconds, DAY),
	storeTimeout: field(milliseconds, SECOND),
};

const deduplication: Check<DuplicateOptions | false> = {
	expected: 'true, false or { store, ttl, storeTimeout }',
	read(value) {
		if (value === false) return false;
		if (aStore.read(value)) throw new Reason('write { store: … }');
		if (value !== true && !isPlainObject(value)) return undefined;
		const { store, ...times } = complete(value === true ? {} : value, DEDUPLICATE_FIELDS, 'option deduplicate.');
		return { store: store ?? memoryStore(), ...times };
	},
};

const LIMIT_FIELDS = {
	body: field(size, 1024 * KB),
	soap: field(size, 256 * KB),
	parts: field(whole(1, 1000), 16),
	elements: field(whole(1, 1_000_000), 512),
	// the tree is walked by recursion
	depth: field(whole(4, 256), 32),
	attributes: field(whole(1, 10_000), 64),
};

const limits: Check<Limits> = {
	expected: '{ body, soap, parts, elements, depth, attributes }',
	read: (value) => (isPlainObject(value) ? complete(value, LIMIT_FIELDS, 'option limits.') : undefined),
};

const FIELDS = {
	limits: field<Limits>(limits, complete({}, LIMIT_FIELDS, '')),
	handlerTimeout: field(milliseconds, 8 * SECOND),
	bodyTimeout: field(milliseconds, 10 * SECOND),
	authenticate: field<unknown>(aFunction, undefined),
	allowFrom: field<AddressList | undefined>(addresses, undefined),
	readReplies: field<unknown>(aFunction, undefined),
	otherOperations: field<unknown>(operations, 'fault'),
	echoMustUnderstand: field<EchoMustUnderstand>(booleanOrAuto, 'auto'),
	clientFaultStatus: field(faultStatus, 500),
	deduplicate: field<DuplicateOptions | false>(deduplication, false),
	onExchange: field<unknown>(aFunction, undefined),
};

/**
 * Makes the complete configuration.
 *
 * @throws TypeError for an unknown name or a bad value
 */
export function completeOptions<Req extends IncomingMessage>(options: Options<Req> = {}): Config<Req> {
	const { deduplicate, ...config } = complete(options, FIELDS, 'option ');
	// nothing more can be checked of a function
	return { ...config, deduplicate: deduplicate || undefined } as Config<Req>;
}
