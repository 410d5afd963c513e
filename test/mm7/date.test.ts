import { expect } from 'chai';
import fc from 'fast-check';
import { readDate } from '../../lib/mm7/date.js';

function iso(text: string): string | undefined {
	return readDate(text)?.toISOString();
}

describe('readDate', () => {
	const readable: Record<string, [text: string, expected: string][]> = {
		'xs:dateTime with any offset': [
			['2026-03-16T14:03:51Z', '2026-03-16T14:03:51.000Z'],
			['2026-03-16 14:03:51.749 UTC', '2026-03-16T14:03:51.749Z'],
			['2026-03-16T14:03:51 gmt', '2026-03-16T14:03:51.000Z'],
			['2026-03-16t14:03:51z', '2026-03-16T14:03:51.000Z'],
			['2026-03-16T14:03:51+00:00', '2026-03-16T14:03:51.000Z'],
			['2026-03-16T09:03:51-05:00', '2026-03-16T14:03:51.000Z'],
			['2026-03-16T19:33:51+05:30', '2026-03-16T14:03:51.000Z'],
		],
		'offsets without a colon or minutes': [
			['2026-03-16T09:03:51-0500', '2026-03-16T14:03:51.000Z'],
			['2026-03-16T23:03:51+09', '2026-03-16T14:03:51.000Z'],
			['2026-03-16 19:33:51 +0530', '2026-03-16T14:03:51.000Z'],
		],
		'fractions of 1 to 9 digits': [
			['2026-03-16T14:03:51.7Z', '2026-03-16T14:03:51.700Z'],
			['2026-03-16T14:03:51.74Z', '2026-03-16T14:03:51.740Z'],
			['2026-03-16T14:03:51.749Z', '2026-03-16T14:03:51.749Z'],
			['2026-03-16T14:03:51.7490Z', '2026-03-16T14:03:51.749Z'],
			['2026-03-16T14:03:51.7499999Z', '2026-03-16T14:03:51.749Z'],
			['2026-03-16T14:03:51.123456789-0500', '2026-03-16T19:03:51.123Z'],
		],
		'text without a zone as UTC': [
			['2026-03-16T14:03:51', '2026-03-16T14:03:51.000Z'],
			['2026-03-16 14:03:51', '2026-03-16T14:03:51.000Z'],
			['2026-03-16T14:03', '2026-03-16T14:03:00.000Z'],
			['2026-03-16', '2026-03-16T00:00:00.000Z'],
		],
		'unpadded and compact forms': [
			['2026-3-6T22:03:51+08:00', '2026-03-06T14:03:51.000Z'],
			['2026/3/6 4:3:1', '2026-03-06T04:03:01.000Z'],
			['20260316140351', '2026-03-16T14:03:51.000Z'],
			['20260316T140351Z', '2026-03-16T14:03:51.000Z'],
			['20260316140351749', '2026-03-16T14:03:51.749Z'],
		],
		'day and month in either order, if only one is possible': [
			['16-03-2026 14:03:51', '2026-03-16T14:03:51.000Z'],
			['16/03/2026 14:03:51', '2026-03-16T14:03:51.000Z'],
			['16.03.2026 14:03:51', '2026-03-16T14:03:51.000Z'],
			['03/16/2026 14:03:51', '2026-03-16T14:03:51.000Z'],
			['03-03-2026 14:03:51', '2026-03-03T14:03:51.000Z'],
			['13-12-2026 14:03:51', '2026-12-13T14:03:51.000Z'],
		],
		'dates with a zone': [
			['2026-03-16Z', '2026-03-16T00:00:00.000Z'],
			['2026-03-16+01:00', '2026-03-15T23:00:00.000Z'],
			['2026-03-16-05:00', '2026-03-16T05:00:00.000Z'],
		],
		'the name of a zone after its offset': [
			['2026-03-16T15:03:51+01:00[Europe/Paris]', '2026-03-16T14:03:51.000Z'],
			['2026-03-16T14:03:51.749Z[UTC]', '2026-03-16T14:03:51.749Z'],
			['2026-03-16T10:03:51-04:00[America/Argentina/Buenos_Aires]', '2026-03-16T14:03:51.000Z'],
			['2026-03-16T14:03:51Z[Etc/GMT+0]', '2026-03-16T14:03:51.000Z'],
		],
		'times as Go prints them': [
			['2026-03-16 14:03:51.123456789 +0000 UTC', '2026-03-16T14:03:51.123Z'],
			['2026-03-16 15:03:51 +0100 CET', '2026-03-16T14:03:51.000Z'],
			['2026-03-16 11:03:51.7 -0300 -03', '2026-03-16T14:03:51.700Z'],
			['2026-03-16 19:48:51 +0545 +0545', '2026-03-16T14:03:51.000Z'],
			['2026-03-16 14:03:51.123456789 +0000 UTC m=+0.000012345', '2026-03-16T14:03:51.123Z'],
		],
		'the three forms of HTTP': [
			['Mon, 16 Mar 2026 14:03:51 GMT', '2026-03-16T14:03:51.000Z'],
			['Monday, 16-Mar-26 14:03:51 GMT', '2026-03-16T14:03:51.000Z'],
			['Mon Mar 16 14:03:51 2026', '2026-03-16T14:03:51.000Z'],
			['Fri Mar  6 14:03:51 2026', '2026-03-06T14:03:51.000Z'],
		],
		'the forms of e-mail': [
			['Mon, 16 Mar 2026 14:03:51 +0000', '2026-03-16T14:03:51.000Z'],
			['16 Mar 2026 14:03 UT', '2026-03-16T14:03:00.000Z'],
			['6 mar 2026 09:03:51 -0500 (EST)', '2026-03-06T14:03:51.000Z'],
			['Mon, 16 Mar 2026 15:03:51 +0100 (Central European Time)', '2026-03-16T14:03:51.000Z'],
			['Mon,16 Mar 2026 14:03:51 Z', '2026-03-16T14:03:51.000Z'],
			['Fri,  6 Mar 2026 14:03:51 GMT', '2026-03-06T14:03:51.000Z'],
			['Mon, 16 Mar 2026 09:03:51 EST', '2026-03-16T14:03:51.000Z'],
			['Mon, 16 Mar 2026 10:03:51 EDT', '2026-03-16T14:03:51.000Z'],
			['Mon, 16 Mar 2026 08:03:51 CST', '2026-03-16T14:03:51.000Z'],
			['Mon, 16 Mar 2026 09:03:51 CDT', '2026-03-16T14:03:51.000Z'],
			['Mon, 16 Mar 2026 07:03:51 MST', '2026-03-16T14:03:51.000Z'],
			['Mon, 16 Mar 2026 08:03:51 MDT', '2026-03-16T14:03:51.000Z'],
			['Mon, 16 Mar 2026 06:03:51 PST', '2026-03-16T14:03:51.000Z'],
			['Mon, 16 Mar 2026 07:03:51 PDT', '2026-03-16T14:03:51.000Z'],
		],
		'two-digit years whose century the weekday determines': [
			['Mon, 16 Mar 26 14:03:51 GMT', '2026-03-16T14:03:51.000Z'],
			['Friday, 31-Dec-99 23:59:59 GMT', '1999-12-31T23:59:59.000Z'],
		],
		'Date.toString of Java and of JavaScript': [
			['Mon Mar 16 14:03:51 GMT 2026', '2026-03-16T14:03:51.000Z'],
			['Mon Mar 16 14:03:51 UTC 2026', '2026-03-16T14:03:51.000Z'],
			['Mon Mar 16 15:03:51 GMT+01:00 2026', '2026-03-16T14:03:51.000Z'],
			['Mon Mar 16 10:03:51 EDT 2026', '2026-03-16T14:03:51.000Z'],
			['Thu Jan 01 00:00:00 PST 2026', '2026-01-01T08:00:00.000Z'],
			['Mon Mar 16 2026 15:03:51 GMT+0100 (Central European Standard Time)', '2026-03-16T14:03:51.000Z'],
		],
		'the end of a day, a leap second and a leap day': [
			['2026-03-16T24:00:00Z', '2026-03-17T00:00:00.000Z'],
			['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
			['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
		],
		'the first and the last year': [
			['0100-01-01T00:00:00Z', '0100-01-01T00:00:00.000Z'],
			['9999-12-31T23:59:59.9999999Z', '9999-12-31T23:59:59.999Z'],
		],
	};
	for (const [title, cases] of Object.entries(readable)) {
		it(`reads ${title}, with nothing before or after it`, () => {
			for (const [text, expected] of cases) {
				expect(iso(text), text).to.equal(expected);
				for (const longer of [`x${text}`, `${text}#`]) expect(iso(longer), longer).to.equal(undefined);
			}
		});
	}

	const unreadable: Record<string, string[]> = {
		'whose day and month could be swapped': ['03-04-2026 14:03:51', '12/03/2026 14:03:51', '12.11.2026 14:03:51'],
		'in a zone with several meanings or none': [
			'Mon Mar 16 14:03:51 CST 2026', // Java's name for Chicago's time and for China's
			'Mon Mar 16 14:03:51 CEST 2026',
			'Mon Mar 16 14:03:51 IST 2026',
			'Mon, 16 Mar 2026 14:03:51 A',
			'2026-03-16 14:03:51 CST',
			'2026-03-16 14:03:51 CET',
			'2026-03-16 14:03:51 Z CET',
			'2026-03-16T14:03:51[Europe/Paris]',
			'2026-03-16-05',
			'2026-03-16-0500',
		],
		'with the wrong weekday, or a two-digit year without one': [
			'Tue, 16 Mar 2026 14:03:51 GMT',
			'Tue Mar 16 14:03:51 GMT 2026',
			'Sun, 16 Mar 26 14:03:51 GMT',
			'16 Mar 26 14:03:51 GMT',
			'Xyz, 16 Mar 2026 14:03:51 GMT',
			'Mo, 16 Mrz 2026 14:03:51 GMT',
		],
		'outside the years that every database can store': [
			'9999-12-31T23:59:59.9999999-05:00',
			'9999-12-31T24:00:00Z',
			'Fri, 31 Dec 9999 23:00:00 -0100',
			'0000-01-01T00:00:00Z',
			'-0001-01-01T00:00:00Z',
			'+10000-01-01T00:00:00Z',
			'10000-01-01T00:00:00Z',
			'0001-01-01T00:00:00', // .NET's empty date
			'0099-12-31T00:00:00Z',
		],
		'of a day or time that does not exist': [
			'2026-02-29T00:00:00Z',
			'2026-02-31T00:00:00Z',
			'2026-13-01T00:00:00Z',
			'2026-00-10T00:00:00Z',
			'2026-03-00T00:00:00Z',
			'2026-03-16T25:00:00Z',
			'2026-03-16T24:00:01Z',
			'2026-03-16T24:01:00Z',
			'2026-03-16T14:60:00Z',
			'2026-03-16T14:03:61Z',
			'2026-03-16T14:03:51+15:00',
			'2026-03-16T14:03:51+09:60',
			'31-02-2026 00:00:00',
		],
		'in no known form': ['', 'yesterday', '1773669831749', '12:00', '2026', '260316140351'],
	};
	for (const [title, texts] of Object.entries(unreadable)) {
		it(`reads no date ${title}`, () => {
			for (const text of texts) expect(iso(text), text).to.equal(undefined);
		});
	}

	it('reads back any moment, written with any offset', () => {
		const moment = fc.date({ min: new Date('1970-01-02'), max: new Date('2100-01-01'), noInvalidDate: true });
		fc.assert(
			fc.property(moment, fc.integer({ min: -14 * 60, max: 14 * 60 }), fc.boolean(), (date, offset, colon) => {
				const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, -1);
				const hours = String(Math.trunc(Math.abs(offset) / 60)).padStart(2, '0');
				const minutes = String(Math.abs(offset) % 60).padStart(2, '0');
				const text = `${local}${offset < 0 ? '-' : '+'}${hours}${colon ? ':' : ''}${minutes}`;
				expect(iso(text), text).to.equal(date.toISOString());
			}),
			{ numRuns: 300 },
		);
	});

	it('returns only dates that every database can store, whatever the text', () => {
		const pieces = fc.constantFrom(
			...['2026', '9999', '0000', '-', '/', '03', '16', 'T', ' ', ':', '99', '.', '+', 'Z', '1', '00', '14:03:51'],
			...['Mon', ', ', 'Mar', 'Dec', '31', 'GMT', 'EST', '-1400', '+14:00', '[UTC]', '(UTC)'],
		);
		fc.assert(
			fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
				const date = readDate(parts.join(''));
				if (date) expect(date.toISOString()).to.match(/^\d{4}-(?!0000)/);
			}),
			{ numRuns: 2000 },
		);
	});
});
