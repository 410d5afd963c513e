import { expect } from 'chai';
import fc from 'fast-check';
import type { DeliveryReport } from 'mm7-delivery-reports';
import { decodeReport, encodeReport, type ReportMessage, UnreadableMessage } from '../../lib/report-message.js';
import { reportOf } from '../support/reports.js';

const KEY = 'k'.repeat(43);

describe('report-message', () => {
	it('gives back the report that was written', async () => {
		const report = await reportOf(1);

		expect(throughQueue({ key: KEY, report, xml: '<xml/>' })).to.deep.equal({ key: KEY, report, xml: '<xml/>' });
	});

	it('gives back any report: texts of all letters, fields that are absent, extensions of any name', () => {
		fc.assert(
			fc.property(anyReport, (report) => {
				const decoded = throughQueue({ key: KEY, report, xml: '' }).report;

				expect(decoded).to.deep.equal(report);
				expect(Object.getPrototypeOf(decoded.extensions)).to.equal(null);
			}),
		);
	});

	it('writes a version, dates in ISO 8601, and no absent element', async () => {
		const report = {
			...(await reportOf(1)),
			date: undefined,
			operatorId: undefined,
			receivedAt: new Date(Date.UTC(2026, 2, 16)),
		};

		const json = JSON.parse(JSON.stringify(encodeReport({ key: KEY, report, xml: '' })));

		expect(json).to.include({ version: 1, key: KEY });
		expect(json.report).to.include({ receivedAt: '2026-03-16T00:00:00.000Z', messageId: report.messageId });
		expect(json.report).to.not.have.any.keys('date', 'operatorId');
	});

	it('reads a message without the XML', async () => {
		const { xml, ...json } = { xml: '', ...(await written()) };

		expect(decodeReport(json).xml).to.equal('');
	});

	it('reads past fields that a later release added', async () => {
		const json = await written();
		const before = decodeReport(json);
		json.report['addedLater'] = true;

		expect(decodeReport(json)).to.deep.equal(before);
	});

	for (const [what, json] of [
		['bytes', Buffer.from('<xml/>')],
		['a list', [1]],
		['null', null],
		['a message without a report', { version: 1, key: 'k' }],
		['a message of a version that never was', { version: 0, key: 'k', report: {} }],
	] as const) {
		it(`finds ${what} unreadable`, () => {
			expect(() => decodeReport(json)).to.throw(UnreadableMessage);
		});
	}

	for (const [field, value] of [
		['receivedAt', 'yesterday'],
		['messageId', 480],
		['state', 'lost'],
		['recipient', { kind: 'Number' }],
		['extensions', { Details: 1 }],
		['extensions', undefined],
	] as const) {
		it(`finds a report unreadable whose ${field} is ${JSON.stringify(value)}, and says where`, async () => {
			const json = await written();
			json.report[field] = value;

			expect(() => decodeReport(json)).to.throw(UnreadableMessage, `report.${field}`);
		});
	}

	it('does not call a message of a later version unreadable: a worker after the next update reads it', async () => {
		const json = { ...(await written()), version: 2 };

		expect(() => decodeReport(json))
			.to.throw(Error, 'the message has version 2')
			.and.not.be.instanceOf(UnreadableMessage);
	});
});

async function written(): Promise<{ version: number; key: string; report: Record<string, unknown> }> {
	return JSON.parse(JSON.stringify(encodeReport({ key: KEY, report: await reportOf(1), xml: '<xml/>' })));
}

function throughQueue(message: ReportMessage): ReportMessage {
	return decodeReport(JSON.parse(JSON.stringify(encodeReport(message))));
}

const text = fc.string({ unit: 'binary' });
const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined });
const date = fc.date({ noInvalidDate: true });

const address = fc.record(
	{
		kind: fc.constantFrom('Number', 'ShortCode', 'RFC2822Address', 'Text'),
		address: text,
		number: text,
		displayOnly: fc.boolean(),
		addressCoding: text,
		id: text,
	},
	{ requiredKeys: ['kind', 'address'], noNullPrototype: true },
);

const anyReport: fc.Arbitrary<DeliveryReport> = fc.record(
	{
		transactionId: text,
		namespace: optional(text),
		mm7Version: optional(text),
		mmsRelayServerId: optional(text),
		messageId: text,
		recipient: address,
		sender: optional(address),
		date: optional(date),
		dateText: optional(text),
		mmStatus: text,
		state: fc.constantFrom('delivered', 'failed', 'pending', 'unknown'),
		final: fc.boolean(),
		mmStatusExtension: optional(text),
		statusText: optional(text),
		applicId: optional(text),
		replyApplicId: optional(text),
		auxApplicInfo: optional(text),
		uaCapabilities: optional(fc.record({ uaProf: text, timeStamp: text }, { requiredKeys: [], noNullPrototype: true })),
		operatorId: optional(text),
		extensions: fc
			.array(fc.tuple(fc.oneof(text, fc.constantFrom('__proto__', 'constructor')), text))
			.map((pairs) => pairs.reduce((all, [name, value]) => Object.assign(all, { [name]: value }), bare())),
		receivedAt: date,
	},
	{ noNullPrototype: true },
);

function bare(): Record<string, string> {
	return Object.create(null);
}
