import path from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../lib/config.js';
import { operatorName, SINCH_OPERATORS } from '../lib/operators.js';

describe('readConfig', () => {
	it('defaults to an embedded database, for this machine only', () => {
		expect(readConfig({})).to.deep.equal({
			port: 3000,
			host: '127.0.0.1',
			databaseUrl: undefined,
			queue: undefined,
			dataDir: path.resolve('data'),
			forward: undefined,
			insecureHttpParser: false,
			isDemo: false,
			requireHostHeader: true,
			overdueAfterMs: undefined,
			retentionDays: undefined,
			retentionTrustClock: false,
			providers: [{ name: 'default', credentials: undefined, allowFrom: undefined, dateIsSubmission: false }],
			acceptsOtherOperations: false,
			trustProxy: undefined,
			page: undefined,
			masksNumbers: false,
			operators: SINCH_OPERATORS,
			pageToken: undefined,
			apiToken: undefined,
			logLevel: 'info',
		});
	});

	it('reads every variable', () => {
		const config = readConfig({
			PORT: '0',
			HOST: '0.0.0.0',
			DATABASE_URL: 'postgres://inbox:secret@db.example.net:5432/inbox?sslmode=require',
			DATA_DIR: '/var/lib/inbox',
			RABBITMQ_URL: 'amqps://u:p@one:5671/mm7, amqps://u:p@two:5671/mm7',
			QUEUE_MAX_BYTES: '2097152',
			QUEUE_MAX_ATTEMPTS: '7',
			QUEUE_PREFETCH: '10',
			FORWARD_URL: 'https://app.example.net/events',
			FORWARD_SECRET: `whsec_${'A'.repeat(32)}`,
			INSECURE_HTTP_PARSER: 'true',
			REQUIRE_HOST_HEADER: 'false',
			OVERDUE_AFTER: '72h',
			RETENTION_DAYS: '180',
			RETENTION_TRUST_CLOCK: 'true',
			MM7_USER: 'sinch',
			MM7_PASSWORD: 'one',
			MM7_ALLOW_FROM: '192.0.2.7, 2001:db8::/32',
			TRUST_PROXY: 'loopback',
			OTHER_OPERATIONS: 'accept',
			PAGE_USER: 'ops',
			PAGE_PASSWORD: 'two:three',
			MASK_NUMBERS: 'true',
			OPERATORS_FILE: path.join(__dirname, 'operators.json'),
			API_TOKEN: 'abcdefghijklmnop',
			LOG_LEVEL: 'warn',
		});
		expect(config).to.deep.equal({
			port: 0,
			host: '0.0.0.0',
			databaseUrl: 'postgres://inbox:secret@db.example.net:5432/inbox?sslmode=require',
			dataDir: '/var/lib/inbox',
			queue: {
				urls: ['amqps://u:p@one:5671/mm7', 'amqps://u:p@two:5671/mm7'],
				maxBytes: 2_097_152,
				maxAttempts: 7,
				prefetch: 10,
			},
			forward: { url: 'https://app.example.net/events', secret: `whsec_${'A'.repeat(32)}` },
			insecureHttpParser: true,
			isDemo: false,
			requireHostHeader: false,
			overdueAfterMs: 259_200_000,
			retentionDays: 180,
			retentionTrustClock: true,
			providers: [
				{
					name: 'default',
					credentials: { user: 'sinch', password: 'one' },
					allowFrom: ['192.0.2.7', '2001:db8::/32'],
					dateIsSubmission: false,
				},
			],
			acceptsOtherOperations: true,
			trustProxy: ['loopback'],
			page: { user: 'ops', password: 'two:three' },
			masksNumbers: true,
			operators: { ...SINCH_OPERATORS, 31002: 'AT and T', 26201: 'Telekom' },
			pageToken: undefined,
			apiToken: 'abcdefghijklmnop',
			logLevel: 'warn',
		});
	});

	it('treats a blank variable as absent', () => {
		expect(readConfig({ PORT: '', MM7_USER: ' ', DATABASE_URL: '' })).to.deep.equal(readConfig({}));
	});

	it('reads the token of the page, without a password', () => {
		expect(readConfig({ PAGE_TOKEN: 'a-Token_of_20-letters' }).pageToken).to.equal('a-Token_of_20-letters');
	});

	it('needs no secret to turn forwarding off', () => {
		expect(readConfig({ FORWARD_URL: 'off' }).forward).to.equal('off');
	});

	it('names operators, with or without leading zeros', () => {
		const { operators } = readConfig({});
		expect(operatorName(operators, '31002')).to.equal('AT&T');
		expect(operatorName(operators, '0031003')).to.equal('Verizon');
		for (const id of ['0001890', '', '0', 'constructor']) expect(operatorName(operators, id)).to.equal(undefined);
	});

	it('reads the settings of each provider', () => {
		const { providers } = readConfig({
			PROVIDERS: 'sinch, old-vibes',
			MM7_ALLOW_FROM: '192.0.2.7',
			MM7_SINCH_USER: 'one',
			MM7_SINCH_PASSWORD: 'secret',
			MM7_SINCH_DATE_IS_SUBMISSION: 'true',
			MM7_OLD_VIBES_ALLOW_FROM: '192.0.2.8',
		});
		const none = { credentials: undefined, allowFrom: undefined, dateIsSubmission: false };
		expect(providers).to.deep.equal([
			{ ...none, name: 'default', allowFrom: ['192.0.2.7'] },
			{ ...none, name: 'sinch', credentials: { user: 'one', password: 'secret' }, dateIsSubmission: true },
			{ ...none, name: 'old-vibes', allowFrom: ['192.0.2.8'] },
		]);
	});

	it('reads a number of proxies as a number', () => {
		expect(readConfig({ TRUST_PROXY: '2' }).trustProxy).to.equal(2);
	});

	const wrong: readonly [Record<string, string>, RegExp][] = [
		[{ PORT: 'http' }, /PORT must be a port number, not "http"/],
		[{ PORT: '65536' }, /PORT must be a port number/],
		[{ DATABASE_URL: 'mysql://user@host/db' }, /DATABASE_URL must be a URL like postgres:/],
		[{ DATABASE_URL: 'postgres://host/db?sslmode=prefer' }, /DATABASE_URL has sslmode=prefer; .* require/],
		[{ RABBITMQ_URL: 'amqp://one,http://two' }, /RABBITMQ_URL must be a URL like amqp:/],
		[{ RABBITMQ_URL: 'amqp://one', QUEUE_PREFETCH: '0x10' }, /QUEUE_PREFETCH must be a number from 1/],
		[{ MM7_USER: 'sinch' }, /MM7_PASSWORD is missing/],
		[{ MM7_PASSWORD: 'one' }, /MM7_USER is missing/],
		[{ PAGE_USER: 'ops' }, /PAGE_PASSWORD is missing/],
		[{ PAGE_USER: 'a:b', PAGE_PASSWORD: 'c' }, /PAGE_USER must not contain a colon/],
		[{ PAGE_TOKEN: 'hush' }, /PAGE_TOKEN must be 20 to 100 letters/],
		[
			{ PAGE_TOKEN: 'x'.repeat(20), PAGE_USER: 'a', PAGE_PASSWORD: 'b' },
			/PAGE_TOKEN cannot be combined with PAGE_USER/,
		],
		[{ OTHER_OPERATIONS: 'yes' }, /OTHER_OPERATIONS must be reject or accept, not "yes"/],
		[{ FORWARD_URL: 'https://app.example.net/' }, /FORWARD_SECRET is missing/],
		[{ FORWARD_URL: 'app.example.net' }, /FORWARD_URL must be a URL like https:/],
		[{ FORWARD_URL: 'https://user:hush@app.example.net/' }, /FORWARD_URL must be .* without a user name/],
		[{ FORWARD_SECRET: `whsec_${'A'.repeat(28)}` }, /FORWARD_SECRET must be "whsec_" and 24 to 64 bytes in base64/],
		[{ MM7_ALLOW_FROM: '192.0.2.0/33' }, /MM7_ALLOW_FROM contains "192.0.2.0\/33"/],
		[{ MM7_ALLOW_FROM: 'example.net' }, /MM7_ALLOW_FROM contains "example.net"/],
		[{ MM7_ALLOW_FROM: ' , ' }, /MM7_ALLOW_FROM has no entries/],
		[{ TRUST_PROXY: 'true' }, /TRUST_PROXY contains "true"/],
		[{ INSECURE_HTTP_PARSER: 'maybe' }, /INSECURE_HTTP_PARSER .*"maybe"/],
		[{ PROVIDERS: 'Sinch' }, /PROVIDERS contains "Sinch", which is not a name of lower-case letters/],
		[{ PROVIDERS: 'sinch,default' }, /PROVIDERS contains "default", which is the one at \/mm7/],
		[{ PROVIDERS: 'sinch,sinch' }, /PROVIDERS contains a name twice/],
		[{ PROVIDERS: 'sinch', MM7_SINCH_USER: 'one' }, /MM7_SINCH_PASSWORD is missing/],
		[{ PROVIDERS: 'sinch', MM7_SINCH_ALLOW_FROM: 'home' }, /MM7_SINCH_ALLOW_FROM contains "home"/],
		[{ MM7_SINCH_USER: 'one', MM7_SINCH_PASSWORD: 'two' }, /MM7_SINCH_USER is set, but PROVIDERS does not name/],
		[{ OVERDUE_AFTER: '72' }, /OVERDUE_AFTER must be a time like 30m, 72h or 3d, not "72"/],
		[{ OPERATORS_FILE: 'missing.json' }, /OPERATORS_FILE names a file that cannot be used: ENOENT/],
		[{ OPERATORS_FILE: path.join(__dirname, '../tsconfig.json') }, /OPERATORS_FILE .*compilerOptions: .*string/],
		[{ API_TOKEN: 'too-short' }, /API_TOKEN must have at least 16 characters/],
		[{ API_TOKEN: 'with blanks in it, and a comma' }, /API_TOKEN must have/],
		[{ LOG_LEVEL: 'trace' }, /LOG_LEVEL .*"trace"/],
	];
	for (const [env, message] of wrong) {
		it(`rejects ${JSON.stringify(env)}`, () => {
			expect(() => readConfig(env)).to.throw(message);
		});
	}

	it('reports all errors together, and quotes no password', () => {
		const urls = { DATABASE_URL: 'mysql://user:hush@host/db', RABBITMQ_URL: 'hush' };
		const env = { PORT: 'x', MM7_PASSWORD: 'hush', FORWARD_SECRET: 'hush', API_TOKEN: 'hush', ...urls };
		expect(() => readConfig(env))
			.to.throw(/PORT[\s\S]*/)
			.and.to.satisfy(({ message }: Error) => {
				return /DATABASE_URL/.test(message) && /MM7_USER/.test(message) && !message.includes('hush');
			});
	});
});
