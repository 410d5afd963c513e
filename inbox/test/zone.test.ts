import { expect } from 'chai';
import {
	allZones,
	fullTimeText,
	hasWholeHours,
	hourText,
	instantOf,
	localText,
	nextPeriodStart,
	offsetName,
	offsetTimeText,
	type Period,
	periodStart,
	readZone,
	timeText,
	UTC,
	zoneName,
} from '../lib/zone.js';

const NEW_YORK = 'America/New_York';
// as this version of Node.js spells it
const KOLKATA = readZone('Asia/Kolkata') as string;
const LORD_HOWE = 'Australia/Lord_Howe';
const BEIRUT = 'Asia/Beirut';

const at = (iso: string) => new Date(iso);

describe('time zones', () => {
	it('accepts the names of zones, in any case, and nothing else', () => {
		expect(readZone('america/new_york')).to.equal(NEW_YORK);
		expect(readZone('UTC')).to.equal(UTC);
		for (const zone of allZones()) expect(readZone(zone), zone).to.be.a('string');
		for (const wrong of ['', 'Mars/Olympus', '+05:30', '-04', '<b>', 'a'.repeat(60)]) {
			expect(readZone(wrong), wrong).to.equal(undefined);
		}
	});

	it('formats times with the offset of their date', () => {
		const cases = [
			['2026-07-07T18:00:00Z', NEW_YORK, '2026-07-07T14:00-04:00', 'UTC−4'],
			['2026-12-07T18:00:00Z', NEW_YORK, '2026-12-07T13:00-05:00', 'UTC−5'],
			['2026-07-07T18:00:00Z', KOLKATA, '2026-07-07T23:30+05:30', 'UTC+5:30'],
			['2026-07-07T18:00:00Z', UTC, '2026-07-07T18:00Z', 'UTC'],
			['2026-07-07T18:00:00Z', 'Asia/Kathmandu', '2026-07-07T23:45+05:45', 'UTC+5:45'],
		] as const;
		for (const [iso, zone, text, name] of cases) {
			expect(offsetTimeText(at(iso), zone)).to.equal(text);
			expect(at(text)).to.deep.equal(at(iso));
			expect(instantOf(text.slice(0, 16), zone)).to.deep.equal(at(iso));
			expect(offsetName(at(iso), zone)).to.equal(name);
		}
		expect(offsetTimeText(at('2026-07-07T18:00:05Z'), NEW_YORK)).to.equal('2026-07-07T14:00:05-04:00');
		expect(offsetTimeText(at('2026-07-07T18:00:00.500Z'), UTC)).to.equal('2026-07-07T18:00:00.500Z');
	});

	it('reads local times when clocks change', () => {
		// 02:30 is skipped on 8 March, 01:30 happens twice on 1 November
		expect(instantOf('2026-03-08T01:59', NEW_YORK)).to.deep.equal(at('2026-03-08T06:59Z'));
		expect(instantOf('2026-03-08T02:30', NEW_YORK)).to.deep.equal(at('2026-03-08T07:30Z'));
		expect(instantOf('2026-03-08T03:00', NEW_YORK)).to.deep.equal(at('2026-03-08T07:00Z'));
		expect(instantOf('2026-11-01T01:30', NEW_YORK)).to.deep.equal(at('2026-11-01T05:30Z'));
		expect(instantOf('2026-11-01T02:00', NEW_YORK)).to.deep.equal(at('2026-11-01T07:00Z'));
		expect(localText(at('2026-11-01T06:30Z'), NEW_YORK)).to.equal('2026-11-01T01:30');
		expect(offsetTimeText(at('2026-11-01T06:30Z'), NEW_YORK)).to.equal('2026-11-01T01:30-05:00');
	});

	it('shows today’s times as time of day, and others with their date', () => {
		// 8 July in UTC, still 7 July in New York
		const now = at('2026-07-08T02:00:00Z');
		expect(timeText(at('2026-07-07T18:03:59Z'), NEW_YORK, now)).to.equal('14:03:59');
		expect(timeText(at('2026-07-07T18:03:59Z'), UTC, now)).to.equal('7 Jul 18:03:59');
		expect(timeText(at('2025-12-31T18:03:59Z'), NEW_YORK, now)).to.equal('31 Dec 2025 13:03:59');
		expect(timeText(at('2026-07-07T04:00:00Z'), NEW_YORK, now)).to.equal('00:00:00');
		expect(fullTimeText(at('2026-07-07T18:03:59Z'), NEW_YORK)).to.equal('7 Jul 2026, 14:03:59 UTC−4');
		expect(zoneName('America/Argentina/Buenos_Aires')).to.equal('Buenos Aires');
	});

	describe('periods', () => {
		function starts(from: string, count: number, period: Period, zone: string): string[] {
			let start = periodStart(at(from), period, zone);
			return Array.from({ length: count }, () => {
				const text = offsetTimeText(start, zone);
				start = nextPeriodStart(start, period, zone);
				return text;
			});
		}

		it('are days of the zone, of 23 and 25 hours when clocks change', () => {
			expect(starts('2026-03-08T03:00Z', 3, 'day', NEW_YORK)).to.deep.equal([
				'2026-03-07T00:00-05:00',
				'2026-03-08T00:00-05:00',
				'2026-03-09T00:00-04:00',
			]);
			expect(starts('2026-11-01T12:00Z', 2, 'day', NEW_YORK)).to.deep.equal([
				'2026-11-01T00:00-04:00',
				'2026-11-02T00:00-05:00',
			]);
			// where clocks go forward at midnight, the day starts at 1:00
			expect(starts('2026-03-29T12:00Z', 1, 'day', BEIRUT)).to.deep.equal(['2026-03-29T01:00+03:00']);
		});

		it('are weeks from Monday', () => {
			expect(starts('2026-11-01T12:00Z', 2, 'week', NEW_YORK)).to.deep.equal([
				'2026-10-26T00:00-04:00',
				'2026-11-02T00:00-05:00',
			]);
		});

		it('are calendar months', () => {
			expect(starts('2026-10-31T12:00Z', 3, 'month', NEW_YORK)).to.deep.equal([
				'2026-10-01T00:00-04:00',
				'2026-11-01T00:00-04:00',
				'2026-12-01T00:00-05:00',
			]);
			// 00:10 on the first day belongs to the month before
			expect(starts('2026-06-30T18:40Z', 1, 'month', KOLKATA)).to.deep.equal(['2026-06-01T00:30+05:30']);
		});

		it('start with an hour of UTC, as messages are counted', () => {
			expect(starts('2026-07-07T12:10Z', 2, 'hour', KOLKATA)).to.deep.equal([
				'2026-07-07T17:30+05:30',
				'2026-07-07T18:30+05:30',
			]);
			expect(starts('2026-07-07T12:10Z', 2, 'day', KOLKATA)).to.deep.equal([
				'2026-07-07T00:30+05:30',
				'2026-07-08T00:30+05:30',
			]);
			// 00:10 belongs to the day before, on Monday to the week before
			expect(starts('2026-07-06T18:40Z', 1, 'day', KOLKATA)).to.deep.equal(['2026-07-06T00:30+05:30']);
			expect(starts('2026-07-05T18:40Z', 1, 'week', KOLKATA)).to.deep.equal(['2026-06-29T00:30+05:30']);
			expect([KOLKATA, NEW_YORK].map((zone) => hasWholeHours(at('2026-07-07T12:10Z'), zone))).to.deep.equal([
				false,
				true,
			]);
			// half an hour of daylight saving
			expect(['2026-01-15T00:00Z', '2026-07-15T00:00Z'].map((iso) => hourText(at(iso), LORD_HOWE))).to.deep.equal([
				'11:00',
				'10:30',
			]);
		});

		it('follow each other without gaps, in every zone and all year', () => {
			for (const zone of ['Africa/Casablanca', 'Pacific/Apia', 'America/St_Johns', LORD_HOWE, BEIRUT, 'Asia/Tehran']) {
				for (const period of ['day', 'week', 'month'] as const) {
					let start = periodStart(at('2026-01-01T00:00Z'), period, zone);
					for (let n = 0; n < 400; n++) {
						const next = nextPeriodStart(start, period, zone);
						expect(next.getTime() % 3_600_000).to.equal(0);
						expect(
							periodStart(new Date(next.getTime() - 1), period, zone),
							`${zone} ${start.toISOString()}`,
						).to.deep.equal(start);
						expect(periodStart(next, period, zone)).to.deep.equal(next);
						start = next;
					}
				}
			}
		});
	});
});
