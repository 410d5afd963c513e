import { isIP } from 'node:net';
import path from 'node:path';
import { z } from 'zod';

/** Who may see the page, or who may send reports. */
export interface Credentials {
	readonly user: string;
	readonly password: string;
}

/** The RabbitMQ between receivers and workers. */
export interface QueueConfig {
	/** The nodes of one cluster. */
	readonly urls: readonly string[];
	/** Bytes of requests that may wait; beyond them reports are refused, and the provider keeps them. */
	readonly maxBytes: number;
	/** Deliveries to workers after which a request becomes a dead letter. */
	readonly maxAttempts: number;
	/** Requests that one worker has in hand at one time, those between two attempts among them. */
	readonly prefetch: number;
}

/** Everything that can be set from outside, complete and checked. */
export interface Config {
	/** TCP port; 0 takes a free one. */
	readonly port: number;
	/** Address to listen on. */
	readonly host: string;
	/** PostgreSQL to use; without it the embedded database in `dataDir`. */
	readonly databaseUrl: string | undefined;
	/** Folder of the embedded database, absolute. */
	readonly dataDir: string;
	/** Without it a receiver stores reports itself. */
	readonly queue: QueueConfig | undefined;
	/** Whether HTTP that RFC 9112 forbids is accepted, as with the option of Node.js of that name. */
	readonly insecureHttpParser: boolean;
	/** Whether an HTTP/1.1 request must have a Host header. */
	readonly requireHostHeader: boolean;
	/** Days after which reports are deleted; without it they are kept. */
	readonly retentionDays: number | undefined;
	/** Whether old reports are deleted even if the clock has jumped. */
	readonly retentionTrustClock: boolean;
	/** What the provider has to send by HTTP Basic. */
	readonly mm7: Credentials | undefined;
	/** Addresses and CIDR ranges of the provider. */
	readonly mm7AllowFrom: readonly string[] | undefined;
	/** Proxies to believe, as Express's `trust proxy` takes them. */
	readonly trustProxy: number | readonly string[] | undefined;
	/** What a reader of the page has to send by HTTP Basic. */
	readonly page: Credentials | undefined;
	/** Least level that is logged. */
	readonly logLevel: string;
}

const MEBIBYTE = 1024 * 1024;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** Modes of libpq that say whether TLS is used; `allow` and `prefer` leave that to the server. */
const SSL_MODES: readonly string[] = ['disable', 'require', 'verify-ca', 'verify-full'];
/** Words for ranges that Express's `trust proxy` knows. */
const NAMED_RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/** The message for a variable that holds no secret. */
const mustBe = (what: string) => ({ error: ({ input }: { input?: unknown }) => `must be ${what}, not "${input}"` });

/** A whole number without sign, fraction or exponent. */
const whole = (from: number, to: number, what: string) =>
	z
		.string()
		.refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= from && Number(text) <= to, mustBe(what))
		.transform(Number);

const trueOrFalse = z.stringbool(mustBe('true or false'));

const postgresUrl = z.string().superRefine((text, context) => {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url?.protocol !== 'postgres:' && url?.protocol !== 'postgresql:') {
		// the text itself may hold a password
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
	.transform((text) => text.split(',').map((url) => url.trim()))
	.refine((urls) => urls.every((url) => URL.canParse(url) && /^amqps?:$/.test(new URL(url).protocol)), {
		// the text itself may hold a password
		error: 'must be a URL like amqp://user:password@host:5672/vhost or amqps://…, or several separated by commas',
	});

// HTTP Basic ends the name at the first colon
const userName = z.string().refine((text) => !text.includes(':'), { error: 'must not contain a colon' });

const addresses = z
	.string()
	.transform((text, context) => listOf(text, isAddressOrRange, 'an IP address or CIDR range', context));

const proxies = z.string().transform((text, context) => {
	if (/^\d+$/.test(text)) return Number(text);
	// "true" believes whatever a client writes into X-Forwarded-For
	const isProxy = (entry: string) => NAMED_RANGES.includes(entry) || isAddressOrRange(entry);
	return listOf(text, isProxy, 'a number of proxies, an IP address, a CIDR range or "loopback"', context);
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
	RETENTION_DAYS: whole(1, 99_999, 'a number of days from 1 to 99999').optional(),
	RETENTION_TRUST_CLOCK: trueOrFalse.default(false),
	MM7_USER: userName.optional(),
	MM7_PASSWORD: z.string().optional(),
	MM7_ALLOW_FROM: addresses.optional(),
	TRUST_PROXY: proxies.optional(),
	PAGE_USER: userName.optional(),
	PAGE_PASSWORD: z.string().optional(),
	LOG_LEVEL: z.enum(LOG_LEVELS, mustBe(`one of ${LOG_LEVELS.join(', ')}`)).default('info'),
});

/**
 * Reads the configuration. An empty variable counts as absent, so that a line of `.env` can be left blank.
 *
 * @param env - such as `process.env`
 * @throws Error whose message names every variable that is wrong and quotes no secret
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
	const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
	const { data: values, error } = ENVIRONMENT.safeParse(present);
	const issues = error?.issues.map(({ path: [name], message }) => `${String(name)} ${message}`) ?? [];
	const problems = [...halves(present, 'MM7'), ...halves(present, 'PAGE'), ...issues];
	if (!values || problems.length > 0) throw new Error(`The configuration is wrong:\n  ${problems.join('\n  ')}`);
	return {
		port: values.PORT,
		host: values.HOST,
		databaseUrl: values.DATABASE_URL,
		dataDir: path.resolve(values.DATA_DIR),
		queue: values.RABBITMQ_URL && {
			urls: values.RABBITMQ_URL,
			maxBytes: values.QUEUE_MAX_BYTES,
			maxAttempts: values.QUEUE_MAX_ATTEMPTS,
			prefetch: values.QUEUE_PREFETCH,
		},
		insecureHttpParser: values.INSECURE_HTTP_PARSER,
		requireHostHeader: values.REQUIRE_HOST_HEADER,
		retentionDays: values.RETENTION_DAYS,
		retentionTrustClock: values.RETENTION_TRUST_CLOCK,
		mm7: credentials(values.MM7_USER, values.MM7_PASSWORD),
		mm7AllowFrom: values.MM7_ALLOW_FROM,
		trustProxy: values.TRUST_PROXY,
		page: credentials(values.PAGE_USER, values.PAGE_PASSWORD),
		logLevel: values.LOG_LEVEL,
	};
}

/** Half of a pair must not open what was meant to be closed. */
function halves(present: Readonly<Record<string, unknown>>, prefix: string): string[] {
	const names = [`${prefix}_USER`, `${prefix}_PASSWORD`] as const;
	const missing = names.filter((name) => present[name] === undefined);
	return missing.length === 1 ? [`${missing[0]} is missing: ${names.join(' and ')} go together`] : [];
}

function credentials(user: string | undefined, password: string | undefined): Credentials | undefined {
	return user !== undefined && password !== undefined ? { user, password } : undefined;
}

function listOf(
	text: string,
	isEntry: (entry: string) => boolean,
	expected: string,
	context: z.RefinementCtx,
): readonly string[] {
	const entries = text.split(',').flatMap((entry) => entry.trim() || []);
	if (entries.length === 0) context.addIssue('has no entry');
	const wrong = entries.find((entry) => !isEntry(entry));
	if (wrong !== undefined) context.addIssue(`has "${wrong}", which is not ${expected}`);
	return entries;
}

function isAddressOrRange(text: string): boolean {
	const [address = '', prefix, ...rest] = text.split('/');
	const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
	return (
		longest > 0 && rest.length === 0 && (prefix === undefined || (/^\d+$/.test(prefix) && Number(prefix) <= longest))
	);
}
