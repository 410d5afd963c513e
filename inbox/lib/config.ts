import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import { LOG_LEVELS } from './log.js';
import { readOperators, SINCH_OPERATORS } from './operators.js';
import { type Provider, prefixOf } from './providers.js';
import { DEFAULT_PROVIDER } from './store/report-row.js';

const MEBIBYTE = 1024 * 1024;
/** The modes of libpq that decide whether TLS is used; `allow` and `prefer` leave that to the server. */
const SSL_MODES: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'];
/** Names of address ranges in Express's `trust proxy`. */
const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/** The message for a variable that holds no secret. */
const mustBe = (what: string) => ({ error: ({ input }: { input?: unknown }) => `must be ${what}, not "${input}"` });

/** A whole number without sign, fraction or exponent. */
const whole = (min: number, max: number, what: string) =>
	z
		.string()
		.refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, mustBe(what))
		.transform(Number);

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A time such as `90s`, `30m`, `72h` or `3d`, converted to milliseconds. */
const duration = z
	.string()
	.refine((text) => /^[1-9]\d{0,5}[smhd]$/.test(text), mustBe('a time like 30m, 72h or 3d'))
	.transform((text) => Number(text.slice(0, -1)) * (UNITS_MS[text.slice(-1)] as number));

const trueOrFalse = z.stringbool(mustBe('true or false'));

// a URL is not quoted in messages, because it can contain a password
const postgresUrl = z.string().superRefine((text, context) => {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
		context.addIssue('must be a URL like postgres://user:password@host:5432/database');
		return;
	}
	const sslMode = url.searchParams.get('sslmode') ?? 'disable';
	if (!SSL_MODES.includes(sslMode)) {
		context.addIssue(`has sslmode=${sslMode}; it must be one of ${SSL_MODES.join(', ')}`);
	}
});

const rabbitmqUrls = z
	.string()
	.transform((text): readonly string[] => text.split(',').map((url) => url.trim()))
	.refine((urls) => urls.every((url) => URL.canParse(url) && /^amqps?:$/.test(new URL(url).protocol)), {
		error: 'must be a URL like amqp://user:password@host:5672/vhost or amqps://…, or several separated by commas',
	});

// HTTP Basic ends the user name at the first colon
const userName = z.string().refine((text) => !text.includes(':'), { error: 'must not contain a colon' });

// it is part of a URL and of a cookie; it is not quoted in messages
const pageToken = z.string().regex(/^[\w-]{20,100}$/, { error: 'must be 20 to 100 letters, digits, - or _' });
// the characters of RFC 6750; short tokens can be guessed
const bearerToken = z.stringFormat('token', /^[\w.~+/-]{16,}=*$/, {
	error: 'must have at least 16 characters: letters, digits and . _ ~ + / -',
});

const addresses = z
	.string()
	.transform((text, context) => listOf(text, isAddressOrRange, 'an IP address or CIDR range', context));

const proxies = z.string().transform((text, context) => {
	if (/^\d+$/.test(text)) return Number(text);
	// "true" is rejected: it would trust any X-Forwarded-For that a client sends
	const isProxy = (entry: string) => NAMED_RANGES.includes(entry) || isAddressOrRange(entry);
	return listOf(text, isProxy, 'a number of proxies, an IP address, a CIDR range or "loopback"', context);
});

/** In bytes, by Standard Webhooks. */
const SECRET_BYTES = { min: 24, max: 64 };

const forwardUrl = z.string().refine(
	(text) => {
		const url = URL.canParse(text) ? new URL(text) : undefined;
		return text === 'off' || (url && /^https?:$/.test(url.protocol) && !url.username && !url.password);
	},
	{ error: 'must be a URL like https://app.example.net/mms-events, without a user name or password, or "off"' },
);

const forwardSecret = z.string().refine(
	(text) => {
		const [, key = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
		const { length } = Buffer.from(key, 'base64');
		return length >= SECRET_BYTES.min && length <= SECRET_BYTES.max;
	},
	{ error: 'must be "whsec_" and 24 to 64 bytes in base64, as from: echo "whsec_$(openssl rand -base64 32)"' },
);

const operators = z.string().transform((file, context) => {
	try {
		return readOperators(file);
	} catch (error) {
		context.addIssue(`names a file that cannot be used: ${(error as Error).message}`);
		return {};
	}
});

const providerNames = z.string().transform((text, context) => {
	const expected = 'a name of lower-case letters, digits and hyphens that begins with a letter';
	const names = listOf(text, (name) => /^[a-z][a-z0-9-]{0,30}$/.test(name), expected, context);
	if (names.includes(DEFAULT_PROVIDER)) context.addIssue(`contains "${DEFAULT_PROVIDER}", which is the one at /mm7`);
	if (new Set(names).size < names.length) context.addIssue('contains a name twice');
	return names;
});

/** The variables of a provider, after `MM7_` or `MM7_NAME_`. */
const PROVIDER = z.object({
	USER: userName.optional(),
	PASSWORD: z.string().optional(),
	ALLOW_FROM: addresses.optional(),
	DATE_IS_SUBMISSION: trueOrFalse.default(false),
});

const ENVIRONMENT = z.object({
	PORT: whole(0, 65_535, 'a port number').default(3000),
	HOST: z.string().default('127.0.0.1'),
	DATABASE_URL: postgresUrl.optional(),
	DATA_DIR: z.string().default('data'),
	RABBITMQ_URL: rabbitmqUrls.optional(),
	QUEUE_MAX_BYTES: whole(MEBIBYTE, Number.MAX_SAFE_INTEGER, 'at least 1048576').default(1024 * MEBIBYTE),
	QUEUE_MAX_ATTEMPTS: whole(1, 1_000_000, 'a number from 1 to 1000000').default(100),
	QUEUE_PREFETCH: whole(1, 10_000, 'a number from 1 to 10000').default(250),
	INSECURE_HTTP_PARSER: trueOrFalse.default(false),
	REQUIRE_HOST_HEADER: trueOrFalse.default(true),
	OVERDUE_AFTER: duration.optional(),
	RETENTION_DAYS: whole(1, 99_999, 'a number of days from 1 to 99999').optional(),
	RETENTION_TRUST_CLOCK: trueOrFalse.default(false),
	FORWARD_URL: forwardUrl.optional(),
	FORWARD_SECRET: forwardSecret.optional(),
	PROVIDERS: providerNames.optional(),
	OTHER_OPERATIONS: z.enum(['reject', 'accept'], mustBe('reject or accept')).default('reject'),
	TRUST_PROXY: proxies.optional(),
	PAGE_TOKEN: pageToken.optional(),
	PAGE_USER: userName.optional(),
	PAGE_PASSWORD: z.string().optional(),
	MASK_NUMBERS: trueOrFalse.default(false),
	OPERATORS_FILE: operators.optional(),
	API_TOKEN: bearerToken.optional(),
	LOG_LEVEL: z.enum(LOG_LEVELS, mustBe(`one of ${LOG_LEVELS.join(', ')}`)).default('info'),
});

/** The complete, checked configuration. */
export type Config = Readonly<ReturnType<typeof configOf>>;

/** The settings of RabbitMQ, which is between receivers and workers. */
export type QueueConfig = Readonly<NonNullable<Config['queue']>>;

/** A user name and password for HTTP Basic. */
export type Credentials = Readonly<NonNullable<ReturnType<typeof credentials>>>;

/**
 * Reads the configuration. An empty variable counts as absent, so a line of `.env` can be left blank.
 *
 * @param env - such as `process.env`
 * @throws Error whose message names every invalid variable and quotes no secret
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
	const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
	const { data: values, error } = ENVIRONMENT.safeParse(present);
	const issues = error?.issues.map(({ path: [name], message }) => `${String(name)} ${message}`) ?? [];
	const names = [DEFAULT_PROVIDER, ...(values?.PROVIDERS ?? [])];
	const providers = names.map((name) => readProvider(present, name, issues));
	const pairs: Pair[] = [
		...names.map((name): Pair => [`${prefixOf(name)}_USER`, `${prefixOf(name)}_PASSWORD`]),
		['PAGE_USER', 'PAGE_PASSWORD'],
	];
	if (present['FORWARD_URL'] !== 'off') pairs.push(['FORWARD_URL', 'FORWARD_SECRET']);
	const problems = [
		...unknownProviders(present, names),
		...pairs.flatMap((pair) => incomplete(present, pair)),
		...issues,
	];
	if (present['PAGE_TOKEN'] && present['PAGE_USER']) {
		problems.push('PAGE_TOKEN cannot be combined with PAGE_USER: set one of them');
	}
	if (!values || problems.length > 0) throw new Error(`Invalid configuration:\n  ${problems.join('\n  ')}`);
	return configOf(values, providers);
}

/** A misspelled name would leave a provider's path open. */
function unknownProviders(present: Readonly<Record<string, unknown>>, names: readonly string[]): string[] {
	const prefixes = names.map(prefixOf);
	return Object.keys(present).flatMap((variable) => {
		const [, prefix] = /^(MM7(?:_\w+)?)_(?:USER|PASSWORD|ALLOW_FROM|DATE_IS_SUBMISSION)$/.exec(variable) ?? [];
		const isUnknown = prefix !== undefined && !prefixes.includes(prefix);
		return isUnknown ? [`${variable} is set, but PROVIDERS does not name its provider`] : [];
	});
}

/** @param issues - gets a line for each invalid variable */
function readProvider(present: Readonly<Record<string, unknown>>, name: string, issues: string[]): Provider {
	const variable = (part: string) => `${prefixOf(name)}_${part}`;
	const parts = Object.keys(PROVIDER.shape).map((part) => [part, present[variable(part)]]);
	const { data, error } = PROVIDER.safeParse(Object.fromEntries(parts));
	for (const { path, message } of error?.issues ?? []) issues.push(`${variable(String(path[0]))} ${message}`);
	return {
		name,
		credentials: credentials(data?.USER, data?.PASSWORD),
		allowFrom: data?.ALLOW_FROM,
		dateIsSubmission: data?.DATE_IS_SUBMISSION ?? false,
	};
}

function configOf(env: z.output<typeof ENVIRONMENT>, providers: readonly Provider[]) {
	return {
		/** TCP port; 0 chooses a free one. */
		port: env.PORT,
		/** Address to listen on. */
		host: env.HOST,
		/** PostgreSQL; without it, the embedded database in `dataDir`. */
		databaseUrl: env.DATABASE_URL,
		/** Absolute path of the embedded database's folder. */
		dataDir: path.resolve(env.DATA_DIR),
		/** Without it, a receiver stores reports itself. */
		queue: env.RABBITMQ_URL && {
			/** The nodes of one cluster. */
			urls: env.RABBITMQ_URL,
			/** Size at which the queue is full: more reports are refused, and the provider retries them. */
			maxBytes: env.QUEUE_MAX_BYTES,
			/** Deliveries to workers after which a request becomes a dead letter. */
			maxAttempts: env.QUEUE_MAX_ATTEMPTS,
			/** Requests that one worker holds at a time, including those waiting for their next attempt. */
			prefetch: env.QUEUE_PREFETCH,
		},
		/** Whether to accept HTTP that RFC 9112 forbids; the Node.js option of that name. */
		insecureHttpParser: env.INSECURE_HTTP_PARSER,
		/** Whether an HTTP/1.1 request must have a Host header. */
		requireHostHeader: env.REQUIRE_HOST_HEADER,
		/** Age in milliseconds at which a message without a final report is overdue; without it, none is. */
		overdueAfterMs: env.OVERDUE_AFTER,
		/** Age in days at which reports are deleted; without it, they are kept. */
		retentionDays: env.RETENTION_DAYS,
		/** Whether to delete old reports even if the clock has jumped. */
		retentionTrustClock: env.RETENTION_TRUST_CLOCK,
		/** Where events are sent; `off` stops recording them, for all processes of the database. */
		forward: forwardTo(env.FORWARD_URL, env.FORWARD_SECRET),
		/** Who sends reports; the first one sends them to `/mm7`. */
		providers,
		/** Whether operations other than reports, such as an incoming MMS, are acknowledged; they are never processed. */
		acceptsOtherOperations: env.OTHER_OPERATIONS === 'accept',
		/** Proxies to trust, as in Express's `trust proxy`. */
		trustProxy: env.TRUST_PROXY,
		/** Credentials for the page. */
		page: credentials(env.PAGE_USER, env.PAGE_PASSWORD),
		/** Whether phone numbers are shown as `…6342` wherever they leave the inbox. */
		masksNumbers: env.MASK_NUMBERS,
		/** Names of operators by their ids. */
		operators: env.OPERATORS_FILE ?? SINCH_OPERATORS,
		/** The token of the link that opens the page; without it, a new one at each start. */
		pageToken: env.PAGE_TOKEN,
		/** The token of the API; without it, the API is closed. */
		apiToken: env.API_TOKEN,
		/** The lowest level to log. */
		logLevel: env.LOG_LEVEL,
		/** Whether to start with invented messages, as every page then says; set by `mm7-inbox demo`. */
		isDemo: false,
	};
}

type Pair = readonly [string, string];

/** Half a pair is an error: it must not open what was meant to be closed. */
function incomplete(present: Readonly<Record<string, unknown>>, names: Pair): string[] {
	const missing = names.filter((name) => present[name] === undefined);
	return missing.length === 1 ? [`${missing[0]} is missing: set both ${names.join(' and ')}`] : [];
}

function credentials(user: string | undefined, password: string | undefined) {
	return user !== undefined && password !== undefined ? { user, password } : undefined;
}

function forwardTo(url: string | undefined, secret: string | undefined) {
	if (url === 'off') return url;
	return url !== undefined && secret !== undefined ? { url, secret } : undefined;
}

function listOf(
	text: string,
	isEntry: (entry: string) => boolean,
	expected: string,
	context: z.RefinementCtx,
): readonly string[] {
	const entries = text.split(',').flatMap((entry) => entry.trim() || []);
	if (entries.length === 0) context.addIssue('has no entries');
	const wrong = entries.find((entry) => !isEntry(entry));
	if (wrong !== undefined) context.addIssue(`contains "${wrong}", which is not ${expected}`);
	return entries;
}

function isAddressOrRange(text: string): boolean {
	const [address = '', prefix, ...rest] = text.split('/');
	const maxPrefix = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
	return (
		maxPrefix > 0 &&
		rest.length === 0 &&
		(prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= maxPrefix))
	);
}
