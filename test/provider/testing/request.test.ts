import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { type DeliveryReport, mm7DeliveryReports, parseDeliveryReport } from '../../../lib/index.js';
import {
	type DeliveryReportFields,
	type DeliveryReportRequest,
	deliveryReportRequest,
	type Mm7Release,
	parseAnswer,
	type RequestForm,
} from '../../../lib/provider/testing/index.js';

const FORMS: RequestForm[] = ['xml', 'multipart', 'bare'];
const VERSIONS: Mm7Release[] = ['5.3.0', '6.8.0'];
const NAMESPACES = {
	'5.3.0': 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0',
	'6.8.0': 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4',
};

/** What comes out where the fields have their defaults. */
const DEFAULTS = {
	transactionId: '20260001',
	mmsRelayServerId: undefined,
	messageId: '480000000000000001',
	recipient: { kind: 'Number', address: '12015550123', number: '12015550123' },
	sender: { kind: 'Number', address: '54321', number: '54321' },
	date: new Date('2026-03-16T14:03:51.749Z'),
	dateText: '2026-03-16T14:03:51.749Z',
	mmStatus: 'Retrieved',
	state: 'delivered',
	final: true,
	mmStatusExtension: undefined,
	statusText: 'Success',
	applicId: undefined,
	replyApplicId: undefined,
	auxApplicInfo: undefined,
	uaCapabilities: undefined,
	operatorId: '0001234',
};

/** Fields with something in every place that a report has. */
const FULL = {
	transactionId: 'tx-7',
	namespace: 'urn:example:mm7',
	mm7Version: '6.5.0',
	mmsRelayServerId: 'relay.example.net',
	messageId: '007',
	recipient: { kind: 'RFC2822Address', address: '+12015550177/TYPE=PLMN@example.net', displayOnly: true },
	sender: { kind: 'ShortCode', address: '54321', addressCoding: 'obfuscated', id: 's1' },
	date: '2026-01-02T03:04:05+01:00',
	mmStatus: 'Rejected',
	mmStatusExtension: 'RejectionByOtherRS',
	statusText: 'Too large',
	applicId: 'app',
	replyApplicId: 'reply-app',
	auxApplicInfo: 'aux',
	uaCapabilities: { uaProf: 'http://example.com/ua.xml', timeStamp: '2026-01-02T03:04:06Z' },
	operatorId: '0009',
	extensions: { LinkedID: 'L1', Bearer: '4G' },
} satisfies DeliveryReportFields;

async function read({ body, headers }: DeliveryReportRequest): Promise<Omit<DeliveryReport, 'receivedAt'>> {
	const { receivedAt, ...report } = await parseDeliveryReport(body, headers);
	expect(receivedAt).to.be.instanceOf(Date);
	return report;
}

describe('deliveryReportRequest', () => {
	for (const form of FORMS) {
		for (const version of VERSIONS) {
			it(`makes a ${version} report as ${form} that reads as its defaults say`, async () => {
				const report = await read(deliveryReportRequest({}, { form, version }));
				expect({ ...report, extensions: { ...report.extensions } }).to.deep.equal({
					...DEFAULTS,
					namespace: NAMESPACES[version],
					mm7Version: version,
					extensions: {},
				});
			});

			it(`makes a ${version} report as ${form} that the middleware accepts`, async () => {
				const reports: DeliveryReport[] = [];
				const app = express().use(mm7DeliveryReports((report) => void reports.push(report)));
				const { headers, body } = deliveryReportRequest(FULL, { form, version });
				const response = await request(app).post('/').set(headers).send(body).expect(200);

				expect(parseAnswer(response.text)).to.include({
					operation: 'DeliveryReportRsp',
					transactionId: 'tx-7',
					statusCode: 1000,
				});
				expect(reports).to.have.length(1);
				const { receivedAt, ...report } = reports[0] as DeliveryReport;
				const { date, ...texts } = FULL;
				expect({ ...report, extensions: { ...report.extensions } }).to.deep.equal({
					...texts,
					recipient: { ...FULL.recipient, number: '+12015550177' },
					sender: { ...FULL.sender, number: '54321' },
					date: new Date('2026-01-02T02:04:05Z'),
					dateText: date,
					state: 'failed',
					final: true,
				});
			});
		}

		it(`can be sent with fetch as ${form}`, async () => {
			const server = createServer(express().use(mm7DeliveryReports(() => {}))).listen(0, '127.0.0.1');
			await once(server, 'listening');
			try {
				const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
				const response = await fetch(url, deliveryReportRequest({}, { form }));
				expect(parseAnswer(await response.text()).statusCode).to.equal(1000);
			} finally {
				server.close();
				server.closeAllConnections();
			}
		});
	}

	it('labels each form as providers do', () => {
		const contentType = (form: RequestForm) => deliveryReportRequest({}, { form }).headers['Content-Type'];
		expect(contentType('xml')).to.equal('text/xml; charset=utf-8');
		expect(contentType('bare')).to.equal('multipart/related; type="text/xml";');
		expect(contentType('multipart')).to.equal(
			'multipart/related; boundary="mm7-part-1-end"; type="text/xml"; start="<delivery-report>"',
		);
	});

	it('leaves the SOAPAction empty for a namespace that a header cannot carry', () => {
		for (const namespace of ['urn:漢字', 'urn:a b', 'urn:\u007f']) {
			expect(deliveryReportRequest({ namespace }).headers).to.include({ SOAPAction: '""' });
		}
		expect(deliveryReportRequest({ namespace: 'urn:a' }).headers).to.include({ SOAPAction: '"urn:a"' });
	});

	it('sends SOAP 1.2 with its own media type and no SOAPAction', async () => {
		const made = deliveryReportRequest({}, { soapVersion: '1.2' });
		expect(made.headers).to.have.property('Content-Type', 'application/soap+xml; charset=utf-8');
		expect(made.headers).not.to.have.property('SOAPAction');
		expect((await read(made)).transactionId).to.equal('20260001');
	});

	it('writes the elements in the order of the schema', () => {
		const { body } = deliveryReportRequest({ ...FULL, extensions: null });
		const operation = /<DeliveryReportReq>(.*)<\/DeliveryReportReq>/s.exec(body as string)?.[1] ?? '';
		expect([...operation.matchAll(/^<(\w+)/gm)].map(([, name]) => name)).to.deep.equal([
			'MM7Version',
			'MMSRelayServerID',
			'MessageID',
			'Recipient',
			'Sender',
			'Date',
			'MMStatus',
			'MMStatusExtension',
			'StatusText',
			'ApplicID',
			'ReplyApplicID',
			'AuxApplicInfo',
			'UACapabilities',
		]);
	});

	it('makes the same request of the same arguments', () => {
		const make = () => deliveryReportRequest(FULL, { form: 'multipart' });
		expect(make()).to.deep.equal(make());
	});

	it('gives each report ids of its own where `unique` asks for it, but keeps the given ones', async () => {
		const reports = await Promise.all(
			Array.from({ length: 20 }, () => read(deliveryReportRequest({ messageId: 'kept' }, { unique: true }))),
		);
		expect(new Set(reports.map(({ transactionId }) => transactionId)).size).to.equal(20);
		expect(new Set(reports.map(({ messageId }) => messageId))).to.deep.equal(new Set(['kept']));
	});

	it('says in StatusText what Sinch would say', async () => {
		const statusText = async (fields: DeliveryReportFields) => (await read(deliveryReportRequest(fields))).statusText;
		expect(await statusText({ mmStatus: 'Expired' })).to.equal('Expired');
		expect(await statusText({ mmStatus: 'Retrieved' })).to.equal('Success');
		expect(await statusText({ mmStatus: 'Expired', statusText: null })).to.equal(undefined);
	});

	it('leaves out what is null or undefined', async () => {
		const report = await read(
			deliveryReportRequest({
				namespace: null,
				mm7Version: undefined,
				sender: null,
				date: null,
				statusText: undefined,
				operatorId: null,
			}),
		);
		expect(report).to.include({
			namespace: undefined,
			mm7Version: undefined,
			sender: undefined,
			dateText: undefined,
			statusText: undefined,
			operatorId: undefined,
		});
	});

	const REFUSED: [string, DeliveryReportFields, { httpStatus: number; statusCode: number | undefined }][] = [
		['TransactionID', { transactionId: null }, { httpStatus: 500, statusCode: undefined }],
		['MessageID', { messageId: undefined }, { httpStatus: 200, statusCode: 4004 }],
		['Recipient', { recipient: null }, { httpStatus: 200, statusCode: 4004 }],
		['MMStatus', { mmStatus: null }, { httpStatus: 200, statusCode: 4004 }],
	];
	for (const [element, fields, { httpStatus, statusCode }] of REFUSED) {
		it(`makes the faulty report without ${element}`, async () => {
			const app = express().use(mm7DeliveryReports(() => {}));
			const { headers, body } = deliveryReportRequest(fields);
			const response = await request(app).post('/').set(headers).send(body).expect(httpStatus);
			expect(parseAnswer(response.text).statusCode).to.equal(statusCode);
		});
	}

	it('sends a report again that was read', async () => {
		const report = await parseDeliveryReport(...bodyAndHeaders(deliveryReportRequest(FULL)));
		const { receivedAt, dateText, ...again } = await parseDeliveryReport(
			...bodyAndHeaders(deliveryReportRequest(report)),
		);
		expect(receivedAt.getTime()).to.be.at.least(report.receivedAt.getTime());
		expect(dateText).to.equal('2026-01-02T02:04:05.000Z');
		expect(report).to.deep.include(again);
	});

	it('keeps the text of a date that nobody can read', async () => {
		const report = await parseDeliveryReport(...bodyAndHeaders(deliveryReportRequest({ date: 'yesterday' })));
		expect(report.date).to.equal(undefined);
		expect((await read(deliveryReportRequest(report))).dateText).to.equal('yesterday');
	});

	it('writes a Date in UTC', async () => {
		const date = new Date('2026-05-06T07:08:09.010Z');
		expect(await read(deliveryReportRequest({ date }))).to.deep.include({ date, dateText: '2026-05-06T07:08:09.010Z' });
	});

	it('puts attachments behind the report, under a boundary that is in none of them', async () => {
		const content = 'x\r\n--mm7-part-1-end--\r\n';
		const made = deliveryReportRequest(
			{ statusText: 'mm7-part-2-end' },
			{
				form: 'multipart',
				attachments: [
					{ content: Buffer.from([0, 1, 2, 255]), contentType: 'image/png', contentId: 'picture' },
					{ content },
				],
			},
		);
		expect(made.headers['Content-Type']).to.include('boundary="mm7-part-3-end"');
		const latin1 = (made.body as Buffer).toString('latin1');
		expect(latin1).to.include(
			'Content-Type: image/png\r\nContent-ID: <picture>\r\n\r\n\0\x01\x02\xff\r\n--mm7-part-3-end',
		);
		expect(latin1).to.include('Content-ID: <attachment-2>\r\n\r\nx\r\n--mm7-part-1-end--\r\n');
		expect((await read(made)).statusText).to.equal('mm7-part-2-end');
	});

	it('adds the headers that it is given', () => {
		const { headers } = deliveryReportRequest({}, { headers: { Authorization: 'Basic eDp5' } });
		expect(headers).to.include({ Authorization: 'Basic eDp5', 'Content-Type': 'text/xml; charset=utf-8' });
	});

	const MISTAKES: [string, () => unknown, RegExp][] = [
		['a mistyped field', () => deliveryReportRequest({ msgId: '1' } as object), /unknown field msgId/],
		['a mistyped option', () => deliveryReportRequest({}, { from: 'xml' } as object), /did you mean form\?/],
		['an unknown form', () => deliveryReportRequest({}, { form: 'json' as 'xml' }), /option form must be "xml" or/],
		[
			'fields that are a Promise',
			() => deliveryReportRequest(Promise.resolve({}) as never),
			/fields .* await it first/,
		],
		['a Map of fields', () => deliveryReportRequest(new Map() as never, { unique: true }), /fields must be a plain/],
		['a Map of headers', () => deliveryReportRequest({}, { headers: new Map() as never }), /option headers must be/],
		['a number', () => deliveryReportRequest({ messageId: 1 as never }), /field messageId must be a text, not 1/],
		['an invalid date', () => deliveryReportRequest({ date: new Date('x') }), /field date must be a valid date/],
		['attachments without multipart', () => deliveryReportRequest({}, { attachments: [{ content: '' }] }), /multipart/],
		['a header that HTTP cannot carry', () => deliveryReportRequest({ operatorId: 'a\nb' }), /x-mblox-operator-id/],
	];
	for (const [mistake, call, message] of MISTAKES) {
		it(`refuses ${mistake}`, () => {
			expect(call).to.throw(TypeError, message);
		});
	}

	it('carries any text in any field, in any form and version', async () => {
		const text = fc.string({ unit: 'binary', maxLength: 40 });
		const options = fc.record({
			form: fc.constantFrom(...FORMS),
			version: fc.constantFrom(...VERSIONS),
			soapVersion: fc.constantFrom('1.1' as const, '1.2' as const),
		});
		const names = [
			'mmsRelayServerId',
			'mmStatusExtension',
			'statusText',
			'applicId',
			'replyApplicId',
			'auxApplicInfo',
		] as const;
		const property = fc.asyncProperty(text, text, options, async (one, other, how) => {
			// without these three the report could not be read at all
			const sure = `${one}!`;
			const made = deliveryReportRequest(
				{
					...Object.fromEntries(names.map((name) => [name, one])),
					namespace: sure,
					mm7Version: sure,
					transactionId: sure,
					messageId: sure,
					mmStatus: sure,
					recipient: sure,
					sender: { kind: 'Text', address: sure },
					uaCapabilities: { uaProf: one, timeStamp: other },
					extensions: { [sure]: other },
				},
				how,
			);
			const report = await read(made);
			for (const name of names) expect(report[name], name).to.equal(received(one));
			for (const name of ['namespace', 'mm7Version', 'transactionId', 'messageId', 'mmStatus'] as const) {
				expect(report[name], name).to.equal(received(sure));
			}
			expect(report.recipient).to.include({ kind: 'Number', address: received(sure) });
			expect(report.sender).to.include({ kind: 'Text', address: received(sure) });
			expect(report.uaCapabilities?.uaProf).to.equal(received(one));
			expect(report.uaCapabilities?.timeStamp).to.equal(received(other));
			expect({ ...report.extensions }).to.deep.equal({ [received(sure) ?? '']: received(other) ?? '' });
		});
		await fc.assert(property, { numRuns: 300 });
	});
});

function bodyAndHeaders({ body, headers }: DeliveryReportRequest) {
	return [body, headers] as const;
}

/** A text behind XML: what XML 1.0 cannot hold is U+FFFD, white space at the ends is trimmed, nothing is `undefined`. */
function received(sent: string): string | undefined {
	return (
		sent
			.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
			.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '') || undefined
	);
}
