import { expect } from 'chai';
import {
	BadUrl,
	filterQuery,
	isNarrowed,
	readCursor,
	readFilters,
	readId,
	readRangeChoice,
	timeRange,
} from '../../../lib/store/read/filters.js';

const params = (query: string) => new URLSearchParams(query);

describe('the filters of a URL', () => {
	it('survive a round trip', () => {
		const query =
			'?q=%2B1+201&state=failed&status=Expired&operator=310%2F26&span=day&from=2026-07-07T14%3A00&to=2026-07-08T00%3A00';
		expect(filterQuery(readFilters(params(query)))).to.equal(query);
	});

	it('omit empty values', () => {
		const filters = readFilters(params('?q=+&state=&status=&operator=&span=&from=&to='));
		expect(filterQuery(filters)).to.equal('');
		expect(isNarrowed(filters)).to.equal(false);
		expect(isNarrowed(readFilters(params('?state=failed')))).to.equal(true);
	});

	it('can be changed and combined with a cursor', () => {
		const filters = readFilters(params('?q=1&state=failed'));
		expect(filterQuery(filters, { state: undefined })).to.equal('?q=1');
		const before = { at: new Date(1_700_000_000_000), reportId: '17' };
		const next = filterQuery(filters, { before });
		expect(next).to.equal('?q=1&state=failed&before=1700000000000-17');
		expect(readCursor(params(next))).to.deep.equal(before);
		expect(readCursor(params('?q=1'))).to.equal(undefined);
	});

	it('are rejected if invalid', () => {
		const wrong = ['state=lost', 'span=year', 'from=yesterday', 'to=2026-99-99T00:00', `q=${'x'.repeat(301)}`];
		for (const query of wrong) expect(() => readFilters(params(query)), query).to.throw(BadUrl);
		for (const before of ['', 'x', '1', '1-2-3', '-1-2', `${'9'.repeat(16)}-1`]) {
			expect(() => readCursor(params(`before=${before}`)), before).to.throw(BadUrl);
		}
		expect(() => readId(params('id=1;'), 'id')).to.throw(BadUrl);
		expect(() => readRangeChoice(params('span=year'))).to.throw(BadUrl);
	});

	it('select a time range: spans end now and start at a whole hour or day, in UTC', () => {
		const now = new Date('2026-07-07T14:30:00Z');
		expect(timeRange({ span: 'day' }, now)).to.deep.equal({ from: new Date('2026-07-06T15:00:00Z') });
		expect(timeRange({ span: 'month' }, now)).to.deep.equal({ from: new Date('2026-06-08T00:00:00Z') });
		expect(timeRange({ from: '2026-07-07T14:00', to: '2026-07-07T15:00' }, now)).to.deep.equal({
			from: new Date('2026-07-07T14:00:00Z'),
			to: new Date('2026-07-07T15:00:00Z'),
		});
		expect(timeRange({}, now)).to.deep.equal({});
	});
});
