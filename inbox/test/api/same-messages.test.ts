import { expect } from 'chai';
import fc from 'fast-check';
import type { Database } from '../../lib/store/database.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { API_TOKEN, ApiClient } from '../support/api-client.js';
import { report } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

const START = Date.parse('2026-07-07T00:00:00Z');
const MINUTE_MS = 60_000;
/** More than a page of either. */
const MESSAGES = 70;

const SENDERS = ['54001', '54002', 'Acme Shop'];
const PROVIDERS = ['default', 'sinch'];
const STATES = { Retrieved: 'delivered', Expired: 'failed', Deferred: 'pending', Indeterminate: 'unknown' } as const;
const MM_STATUSES = Object.keys(STATES) as (keyof typeof STATES)[];

/** A message, and how to select it. */
interface Sample {
	readonly messageId: string;
	readonly transactionId: string;
	readonly recipient: string;
	readonly sender: string;
	readonly mmStatus: keyof typeof STATES;
	readonly operator: string;
	readonly provider: string;
	/** When the message was submitted, if that is registered, or first reported. */
	readonly start: number;
	/** When the report arrived; a message without one has this time of submission. */
	readonly at: number;
	/** What the application registered; absent: nothing. */
	readonly reference?: string | undefined;
	readonly isReported: boolean;
}

const pick = <T>(values: readonly T[], n: number) => values[n % values.length] as T;

/** No two columns repeat together. */
const SAMPLES = Array.from({ length: MESSAGES }, (_, n): Sample => {
	const isReported = n % 8 !== 0;
	const isRegistered = n % 4 === 0;
	const at = START + n * 17 * MINUTE_MS;
	// some messages are reported long after others that were submitted later
	const start = isReported && isRegistered ? at - (n % 12) * 60 * MINUTE_MS - n : at;
	return {
		messageId: `m${Math.floor(n / 2)}`,
		transactionId: `t${n % 23}`,
		recipient: `1201555${1_000 + n}`,
		sender: pick(SENDERS, n),
		mmStatus: pick(MM_STATUSES, Math.floor(n / 5)),
		operator: `3100${n % 7}`,
		provider: pick(PROVIDERS, Math.floor(n / 11)),
		start,
		at,
		reference: isRegistered ? `r${n % 3}` : undefined,
		isReported,
	};
});

type Query = Readonly<Record<string, readonly string[]>>;

const some = (values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 4 });
const time = fc.integer({ min: -60, max: MESSAGES * 17 + 60 }).map((minutes) => {
	return [new Date(START + minutes * MINUTE_MS).toISOString()];
});
const of = (name: keyof Sample) => SAMPLES.map((sample) => String(sample[name]));

/** Filters that a model can apply. */
const FILTERS = {
	state: some(['delivered', 'failed', 'pending', 'submitted', 'unknown']),
	mmStatus: some(['retrieved', 'EXPIRED', 'De-ferred', 'Indeterminate', 'Lost']),
	sender: some(['54001', '54002', 'acme-shop', '54*', '*2', '999']),
	recipient: some(['+1 (201) 555-1007', '0012015551008', '1201555100*', '*3', '12015559999']),
	messageId: some([...of('messageId'), 'm']),
	transactionId: some([...of('transactionId'), 't']),
	reference: some(['r0', 'r1', 'r']),
	operator: some(['31001', '31002', '310 03', '31009']),
	provider: some(['Default', 'sinch', 'other']),
	from: time,
	to: time,
	by: fc.constant(['start']),
};
const anyQuery = fc.record(FILTERS, { requiredKeys: [] });
const anyText = some([
	...of('messageId'),
	...of('recipient'),
	'54001',
	'acme',
	't1',
	'm1, m2',
	'0012015551008',
	'(',
	"'",
]);

/** The time of a message that its list is sorted by. */
function listedTime({ start, at }: Sample, { by }: Query): number {
	return by ? start : at;
}

/** Checks whether a message matches a query, without a database. */
function matches(sample: Sample, query: Query): boolean {
	const word = (text: string) => text.replace(/[ -]/g, '').toLowerCase();
	const number = (text: string) =>
		/^[\d+ ()-]+$/.test(text) ? text.replace(/\D/g, '').replace(/^00/, '') : word(text);
	const address = (value: string) => (wanted: string) => {
		if (wanted.endsWith('*')) return number(value).startsWith(number(wanted.slice(0, -1)));
		if (wanted.startsWith('*')) return number(value).endsWith(number(wanted.slice(1)));
		return number(value) === number(wanted);
	};
	const isSpelled = (value: string) => (wanted: string) => word(value) === word(wanted);
	const ifReported = (check: (wanted: string) => boolean) => (wanted: string) => sample.isReported && check(wanted);
	const listedAt = listedTime(sample, query);
	const checks: Readonly<Record<string, (wanted: string) => boolean>> = {
		state: isSpelled(sample.isReported ? STATES[sample.mmStatus] : 'submitted'),
		mmStatus: ifReported(isSpelled(sample.mmStatus)),
		sender: address(sample.sender),
		recipient: address(sample.recipient),
		messageId: (wanted) => wanted === sample.messageId,
		transactionId: ifReported((wanted) => wanted === sample.transactionId),
		reference: (wanted) => wanted === sample.reference,
		operator: ifReported(isSpelled(sample.operator)),
		provider: isSpelled(sample.provider),
		from: (wanted) => listedAt >= Date.parse(wanted),
		to: (wanted) => listedAt < Date.parse(wanted),
		by: () => true,
	};
	return Object.entries(query).every(([name, values]) => values.some((value) => checks[name]?.(value)));
}

describe('page and API', () => {
	let database: Database;
	let inbox: ServedInbox;
	let api: ApiClient;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database, { API_TOKEN });
		api = new ApiClient(inbox.url);
		const reports = new ReportRepository(database);
		for (const { operator: operatorId, provider, start, at, reference, isReported, ...fields } of SAMPLES) {
			const { messageId, recipient, sender } = fields;
			const submission = {
				messageId,
				recipients: [recipient],
				sender,
				reference,
				provider,
				submittedAt: new Date(start),
			};
			if (reference) await reports.register(submission);
			if (isReported)
				await reports.store({ ...(await report(fields)), operatorId, receivedAt: new Date(at) }, { provider });
		}
	});
	after(async () => {
		await inbox?.close();
		await database?.close();
	});

	function search(query: Query): URLSearchParams {
		return new URLSearchParams(Object.entries(query).flatMap(([name, values]) => values.map((value) => [name, value])));
	}

	async function namedByPage(params: URLSearchParams): Promise<string[]> {
		const html = await (await fetch(`${inbox.url}/?${params}`, { headers: inbox.bearer })).text();
		return [...new Set(Array.from(html.matchAll(/message\?key=([\w-]+)/g), ([, key = '']) => key))];
	}

	it('name the same messages for any filters, in the same order, and so does a model', async function () {
		this.timeout(600_000);
		const property = fc.asyncProperty(anyQuery, fc.option(anyText), async (query, text) => {
			const params = search(text ? { ...query, q: text.slice(0, 1) } : query);
			const { json } = await api.get(`/messages?${params}`);
			const ids = json.messages.map(({ id }: { id: string }) => id);
			expect(await namedByPage(params)).to.deep.equal(ids);
			if (json.next !== undefined) {
				const rest = await api.get(`/messages?${params}&cursor=${json.next}`);
				const older = rest.json.messages.map(({ id }: { id: string }) => id);
				expect(await namedByPage(new URLSearchParams([...params, ['before', json.next]]))).to.deep.equal(older);
			}
			if (text) return;
			const expected = SAMPLES.filter((sample) => matches(sample, query)).map((sample) => listedTime(sample, query));
			const found = json.messages.map(({ since }: { since: string }) => Date.parse(since));
			expect(found).to.deep.equal(expected.sort((one, other) => other - one).slice(0, 50));
		});
		await fc.assert(property, { numRuns: Math.min(1_000, fc.readConfigureGlobal()?.numRuns ?? 100) });
	});
});
