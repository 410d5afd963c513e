import { expect } from 'chai';
import {
	BadUrl,
	filterQuery,
	isNarrowed,
	readFilters,
	readId,
	readPosition,
	readRangeChoice,
	timeRange,
} from '../../../lib/store/read/filters.js';
import { UTC } from '../../../lib/zone.js';

const params = (query: string) => new URLSearchParams(query);

describe('the filters of a URL', () => {
	it('survive a round trip', () => {
		const query =
			'?q=%2B1+201&state=failed&state=pending&mmStatus=Expired&sender=54*&recipient=1&messageId=a&messageId=b' +
			'&transactionId=t&reference=r&operator=310/26&provider=default&by=start&span=day&from=2026-07-07T14:00Z' +
			'&to=2026-07-08T00:00:00.500Z';
		expect(filterQuery(readFilters(params(query)))).to.equal(query);
	});

	it('omit empty values', () => {
		const filters = readFilters(params('?q=+&state=&mmStatus=&operator=&span=&from=&to='));
		expect(filterQuery(filters)).to.equal('');
		expect(isNarrowed(filters)).to.equal(false);
		expect(isNarrowed(readFilters(params('?state=failed')))).to.equal(true);
	});

	it('can be changed and combined with a cursor', () => {
		const filters = readFilters(params('?q=1&state=failed'));
		expect(filterQuery(filters, { state: undefined })).to.equal('?q=1');
		expect(filterQuery(filters, { state: ['pending'] })).to.equal('?q=1&state=pending');
		const before = { at: new Date(1_700_000_000_000), reportId: '17' };
		const next = filterQuery(filters, { before });
		expect(next).to.equal('?q=1&state=failed&before=1700000000000-17');
		expect(readPosition(params(next))).to.deep.equal({ before, after: undefined });
		expect(readPosition(params('?q=1'))).to.equal(undefined);
	});

	it('accept times with any offset, and those of an input field in UTC', () => {
		for (const time of [
			...['2026-07-07T14:00', '2026-07-07T14:00:00', '2026-07-07T14:00Z', '2026-07-07T14:00:00.000Z'],
			...['2026-07-07T10:00-04:00', '2026-07-07T19:30:00%2B05:30', '2026-07-07T19:30+05:30'],
		]) {
			expect(readFilters(params(`from=${time}`)).from?.toISOString(), time).to.equal('2026-07-07T14:00:00.000Z');
		}
	});

	it('are rejected if invalid, with the name of the parameter', () => {
		const wrong = {
			state: ['lost', 'failed&state=lost'],
			span: ['year', 'day&span=month'],
			from: ['yesterday', '2026-07-07', '2026-02-30T00:00Z', '2026-07-07T14:00&from=2026-07-07T15:00'],
			to: ['2026-99-99T00:00', '2026-07-07T14:00+5'],
			q: ['x'.repeat(4001), Array.from({ length: 101 }, (_, n) => `id${n}`).join(',')],
			messageId: ['x'.repeat(301), Array.from({ length: 101 }, (_, n) => `id${n}`).join('&messageId=')],
		};
		for (const [name, values] of Object.entries(wrong)) {
			for (const value of values) {
				expect(() => readFilters(params(`${name}=${value}`)), value)
					.to.throw(BadUrl)
					.with.property('parameter', name);
			}
		}
		for (const before of ['x', '1', '1-2-3', '-1-2', `${'9'.repeat(16)}-1`]) {
			expect(() => readPosition(params(`before=${before}`)), before).to.throw(BadUrl);
		}
		expect(() => readId(params('id=1;'), 'id')).to.throw(BadUrl);
		expect(() => readRangeChoice(params('span=year'))).to.throw(BadUrl);
	});

	it('select a time range: spans end now and start at a whole hour or at midnight', () => {
		const now = new Date('2026-07-07T14:30:00Z');
		expect(timeRange({ span: 'day' }, UTC, now)).to.deep.equal({ from: new Date('2026-07-06T15:00:00Z') });
		expect(timeRange({ span: 'month' }, UTC, now)).to.deep.equal({ from: new Date('2026-06-08T00:00:00Z') });
		expect(timeRange({ span: 'day', from: now }, UTC, now)).to.deep.equal({ from: now });
		expect(timeRange({ from: now, to: now }, UTC, now)).to.deep.equal({ from: now, to: now });
		expect(timeRange({}, UTC, now)).to.deep.equal({});
	});

	for (const [zone, at, from] of [
		['America/New_York', '2026-07-07T14:30:00Z', '2026-06-08T04:00:00Z'],
		['America/New_York', '2026-07-07T03:30:00Z', '2026-06-07T04:00:00Z'],
		['Asia/Kolkata', '2026-07-07T14:30:00Z', '2026-06-07T18:30:00Z'],
		// the clocks went forward, or back
		['America/New_York', '2026-03-20T03:30:00Z', '2026-02-18T05:00:00Z'],
		['America/New_York', '2026-11-20T14:30:00Z', '2026-10-22T04:00:00Z'],
	] as const) {
		it(`select the last 30 days from midnight in ${zone}, at ${at}`, () => {
			expect(timeRange({ span: 'month' }, zone, new Date(at))).to.deep.equal({ from: new Date(from) });
		});
	}
});
