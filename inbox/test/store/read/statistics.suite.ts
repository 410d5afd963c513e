import { expect } from 'chai';
import fc from 'fast-check';
import type { DeliveryReport } from 'mm7-delivery-reports';
import type { Database } from '../../../lib/store/database.js';
import { type Counts, readStatistics } from '../../../lib/store/read/statistics.js';
import { barsOf, chooseRange, PERIODS, RANGE_SPANS } from '../../../lib/store/read/statistics-range.js';
import { ReportRepository } from '../../../lib/store/report-repository.js';
import { hourText, UTC } from '../../../lib/zone.js';
import { report } from '../../support/report-request.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** With a half-hour offset, and with clocks that go forward and back within the tested time. */
const ZONES = ['UTC', 'Asia/Calcutta', 'America/New_York', 'Australia/Sydney'];
const anyZone = fc.constantFrom(...ZONES);
const START = Date.UTC(2026, 1, 20, 12);

/** What a message is counted by. */
interface Sample {
	readonly startedAt: number;
	readonly submitted: boolean;
	readonly minutes: number;
	readonly mmStatus: string;
	readonly state: DeliveryReport['state'];
	readonly statusText: string | undefined;
	readonly operatorId: string | undefined;
	readonly sender: string;
	readonly provider: string;
}

const anySample: fc.Arbitrary<Sample> = fc
	.record({
		startedAt: fc.integer({ min: 0, max: 60 * 24 * 60 }).map((minutes) => START + minutes * MINUTE_MS),
		submitted: fc.boolean(),
		minutes: fc.constantFrom(1, 2, 5, 10, 60, 300),
		end: fc.constantFrom(
			['Retrieved', 'delivered'] as const,
			['Expired', 'failed'] as const,
			['Rejected', 'failed'] as const,
			['Deferred', 'pending'] as const,
			['Indeterminate', 'unknown'] as const,
		),
		statusText: fc.constantFrom(undefined, 'Blocked', 'Number 12015550123 is off'),
		operatorId: fc.constantFrom(undefined, '31002', '31004'),
		sender: fc.constantFrom('54321', '54322'),
		provider: fc.constantFrom('default', 'vibes'),
	})
	.map(({ end: [mmStatus, state], ...rest }) => ({ ...rest, mmStatus, state }));

/** Tests the statistics; run on every database. */
export function describeStatistics(database: () => Database): void {
	async function store(samples: readonly Sample[]): Promise<void> {
		const reports = new ReportRepository(database());
		const plain = await report();
		await Promise.all(
			samples.map(async ({ startedAt, submitted, minutes, sender, provider, ...fields }, index) => {
				const receivedAt = new Date(submitted ? startedAt + minutes * MINUTE_MS : startedAt);
				const address = { kind: 'Number' as const, address: sender, number: sender };
				const one = { ...plain, ...fields, messageId: `m${index}`, sender: address, receivedAt };
				await reports.store(one as DeliveryReport, {
					provider,
					...(submitted && { submittedAt: new Date(startedAt) }),
				});
			}),
		);
	}

	it('equal a recount of all messages, for any range, period and zone', async function () {
		this.timeout(60_000);
		const samples = fc.sample(anySample, { numRuns: 400, seed: 7 });
		await store(samples);
		const read = readStatistics(database());
		const anyTime = fc
			.integer({ min: -100, max: 62 * 24 * 4 })
			.map((quarters) => new Date(START + quarters * 15 * MINUTE_MS));
		const anyChoice = fc.record(
			{ from: anyTime, to: anyTime, by: fc.constantFrom(...PERIODS), span: fc.constantFrom(...RANGE_SPANS) },
			{ requiredKeys: [] },
		);
		await fc.assert(
			fc.asyncProperty(anyChoice, anyZone, anyTime, async (choice, zone, now) => {
				const range = chooseRange(choice, zone, now);
				const found = await read(range, now);
				const inside = (from: Date, to: Date) =>
					samples.filter(({ startedAt }) => startedAt >= from.getTime() && startedAt < to.getTime());
				const all = inside(range.from, range.to);
				expect(plainCounts(found)).to.deep.equal(recount(all));
				for (const bar of found.bars) expect(plainCounts(bar)).to.deep.equal(recount(inside(bar.from, bar.to)));
				const length = range.to.getTime() - range.from.getTime();
				const earlier = inside(new Date(range.from.getTime() - length), range.from);
				expect(plainCounts(found.before)).to.deep.equal(recount(earlier));
				expect(found.before.deliveryTimes).to.deep.equal(times(earlier));
				expect(found.deliveryTimes).to.deep.equal(times(all));
				expect(shares(found.mmStatuses)).to.deep.equal(tally(all, ({ mmStatus }) => mmStatus));
				expect(shares(found.operators)).to.deep.equal(tally(all, ({ operatorId }) => operatorId ?? null));
				expect(shares(found.senders)).to.deep.equal(tally(all, ({ sender }) => sender));
				expect(shares(found.providers)).to.deep.equal(tally(all, ({ provider }) => provider));
				const reasons = all
					.filter(({ state }) => state === 'failed')
					.map(({ mmStatus, statusText = '' }) => `${mmStatus}: ${statusText.replace('12015550123', '…')}`);
				expect(new Map(found.failures.map((one) => [`${one.mmStatus}: ${one.statusText}`, one.count]))).to.deep.equal(
					countsOf(reasons),
				);
			}),
			{ numRuns: 60 },
		);
	});

	it('count a message in the hour of its first report, whatever arrives later', async () => {
		const at = (hour: number) => new Date(START + hour * HOUR_MS);
		const reports = new ReportRepository(database());
		await reports.store({ ...(await report({ mmStatus: 'Forwarded' })), receivedAt: at(1) });
		const range = chooseRange({ from: at(0), to: at(4) }, UTC);
		const totals = async () => (await readStatistics(database())(range)).bars.map(({ total }) => total);
		expect(await totals()).to.deep.equal([0, 1, 0, 0]);
		await reports.store({ ...(await report({ mmStatus: 'Retrieved' })), receivedAt: at(3) });
		expect(await totals()).to.deep.equal([0, 1, 0, 0]);
	});

	it('have few statements, which the database prepares, whatever the range', async () => {
		const statements = new Set<string>();
		const watched: Database = {
			...database(),
			query(sql, values) {
				statements.add(sql);
				return database().query(sql, values);
			},
		};
		for (let days = 1; days < 400; days += 9) {
			const choice = { from: new Date(START), to: new Date(START + days * 24 * HOUR_MS) };
			for (const by of PERIODS) await readStatistics(watched)(chooseRange({ ...choice, by }, 'America/New_York'));
		}
		expect(statements.size).to.be.below(20);
	});

	it('have bars without gaps that begin at the first whole hour of a day', () => {
		const now = new Date('2026-04-20T10:10Z');
		for (const zone of ZONES) {
			const bars = barsOf(chooseRange({ span: 'quarter', by: 'day' }, zone, now), now);
			expect(bars, zone).to.have.lengthOf(90);
			for (const [index, { from, to, isUnfinished }] of bars.entries()) {
				expect(isUnfinished).to.equal(index === 89);
				if (index < 89) expect(bars[index + 1]?.from).to.deep.equal(to);
				expect(hourText(from, zone), zone).to.equal(zone === 'Asia/Calcutta' ? '00:30' : '00:00');
			}
		}
		expect(barsOf(chooseRange({ from: new Date('2026-04-20T03:10Z'), to: now, by: 'day' }, UTC), now)).to.deep.equal([
			{ from: new Date('2026-04-20T03:00Z'), to: new Date('2026-04-20T11:00Z'), isUnfinished: true },
		]);
	});

	it('use a longer period if there would be too many bars', () => {
		const from = new Date('2020-01-01');
		const to = new Date('2026-01-01');
		expect(chooseRange({ from, to, by: 'hour' }, UTC).period).to.equal('month');
		expect(chooseRange({ from, to: new Date('2023-01-01') }, UTC).period).to.equal('week');
		expect(chooseRange({ span: 'week', by: 'hour' }, UTC).period).to.equal('hour');
		expect(chooseRange({ span: 'month', by: 'hour' }, UTC).period).to.equal('day');
		expect(barsOf(chooseRange({ from: to, to: from }, UTC))).to.have.lengthOf(1);
	});
}

function recount(samples: readonly Sample[]) {
	const count = (state: string) => samples.filter((sample) => sample.state === state).length;
	const [delivered, failed, pending, unknown] = ['delivered', 'failed', 'pending', 'unknown'].map(count) as number[];
	const settled = samples.length - Number(pending);
	return {
		total: samples.length,
		...{ delivered, failed, pending, unknown },
		deliveryRate: settled === 0 ? null : Number(delivered) / settled,
	};
}

function plainCounts({ total, states, deliveryRate }: Counts) {
	const { delivered, failed, pending, unknown } = states;
	return { total, delivered, failed, pending, unknown, deliveryRate };
}

function times(samples: readonly Sample[]) {
	const minutes = samples
		.filter(({ submitted, state }) => submitted && state === 'delivered')
		.map((sample) => sample.minutes)
		.sort((one, other) => one - other);
	const count = minutes.length;
	if (count === 0) return null;
	const percentile = (share: number) => bound((minutes[Math.ceil(share * count) - 1] ?? 0) * 60);
	const within = (limit: number) => minutes.filter((one) => one <= limit).length / count;
	return {
		count,
		...{ p50: percentile(0.5), p90: percentile(0.9), p99: percentile(0.99) },
		...{ within1Minute: within(1), within5Minutes: within(5), within10Minutes: within(10) },
	};
}

/** The buckets of the times in the samples. */
function bound(seconds: number): number {
	return { 3600: 4000, 18000: 20_000 }[seconds] ?? seconds;
}

function countsOf<Key>(keys: readonly Key[]): Map<Key, number> {
	const counts = new Map<Key, number>();
	for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
	return counts;
}

function tally(samples: readonly Sample[], keyOf: (sample: Sample) => string | null): Map<string | null, number> {
	return countsOf(samples.map(keyOf));
}

function shares(found: readonly { value: string | null; total: number }[]): Map<string | null, number> {
	return new Map(found.map(({ value, total }) => [value, total]));
}
