import { expect } from 'chai';
import fc from 'fast-check';
import { type DeliveryReport, parseDeliveryReport, parseReadReply } from '../../../lib/index.js';
import {
	type DeliveryReportFields,
	type DeliveryReportRequest,
	deliveryReportRequest,
	judgeAsSinch,
	type Mm7Release,
	type Mm7Response,
	parseResponse,
	type RequestForm,
	readReplyRequest,
} from '../../../lib/provider/testing/index.js';
import { app, listen, stopServers } from '../../support/server.js';

const FORMS: RequestForm[] = ['xml', 'multipart', 'bare'];
const VERSIONS: Mm7Release[] = ['5.3.0', '6.8.0'];
const NAMESPACES = {
	'5.3.0': 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0',
	'6.8.0': 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4',
};

/** The parsed report if no fields are given. */
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

/** A value for every field. */
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

/** Parses the report of a request. */
async function read({ body, headers }: DeliveryReportRequest): Promise<Omit<DeliveryReport, 'receivedAt'>> {
	const { receivedAt: _, ...report } = await parseDeliveryReport(body, headers);
	return { ...report, extensions: { ...report.extensions } };
}

/** Sends a request to the middleware. */
async function send(request: DeliveryReportRequest): Promise<{ status: number; text: string; response: Mm7Response }> {
	const { port } = await listen(app(undefined, { readReplies: () => undefined }));
	const response = await fetch(`http://127.0.0.1:${port}/mm7`, request);
	const text = await response.text();
	return { status: response.status, text, response: parseResponse(text) };
}

/** The names of the elements in the operation of a request. */
function elementsOf({ body }: DeliveryReportRequest): string[] {
	const [, operation = ''] = /<(?:DeliveryReport|ReadReply)Req>(.*)<\/\w+Req>/s.exec(body as string) ?? [];
	return [...operation.matchAll(/^<(\w+)/gm)].map(([, name]) => name as string);
}

describe('deliveryReportRequest', () => {
	afterEach(stopServers);

	for (const form of FORMS) {
		for (const version of VERSIONS) {
			it(`makes a ${version} report as ${form}, with defaults or with every field`, async () => {
				expect(await read(deliveryReportRequest({}, { form, version }))).to.deep.equal({
					...DEFAULTS,
					namespace: NAMESPACES[version],
					mm7Version: version,
					extensions: {},
				});
				const { date, ...texts } = FULL;
				expect(await read(deliveryReportRequest(FULL, { form, version }))).to.deep.equal({
					...texts,
					recipient: { ...FULL.recipient, number: '+12015550177' },
					sender: { ...FULL.sender, number: '54321' },
					date: new Date('2026-01-02T02:04:05Z'),
					dateText: date,
					state: 'failed',
					final: true,
				});
			});

			it(`makes a ${version} report as ${form} that the middleware accepts`, async () => {
				const { response } = await send(deliveryReportRequest(FULL, { form, version }));
				expect(response).to.include({ operation: 'DeliveryReportRsp', transactionId: 'tx-7', statusCode: 1000 });
			});
		}
	}

	it('labels each form as providers do', () => {
		const contentType = (form: RequestForm) => deliveryReportRequest({}, { form }).headers['Content-Type'];
		expect(contentType('xml')).to.equal('text/xml; charset=utf-8');
		expect(contentType('bare')).to.equal('multipart/related; type="text/xml";');
		expect(contentType('multipart')).to.equal(
			'multipart/related; boundary="mm7-part-1-end"; type="text/xml"; start="<delivery-report>"',
		);
	});

	it('leaves SOAPAction empty for a namespace that a header cannot contain', () => {
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
		expect(elementsOf(deliveryReportRequest({ ...FULL, extensions: null })).join(' ')).to.equal(
			'MM7Version MMSRelayServerID MessageID Recipient Sender Date MMStatus MMStatusExtension StatusText ' +
				'ApplicID ReplyApplicID AuxApplicInfo UACapabilities',
		);
	});

	it('makes the same request from the same arguments', () => {
		const make = () => deliveryReportRequest(FULL, { form: 'multipart' });
		expect(make()).to.deep.equal(make());
	});

	it('generates unique ids with `unique`, but keeps given ones', async () => {
		const reports = await Promise.all(
			Array.from({ length: 20 }, () => read(deliveryReportRequest({ messageId: 'kept' }, { unique: true }))),
		);
		expect(new Set(reports.map(({ transactionId }) => transactionId)).size).to.equal(20);
		expect(new Set(reports.map(({ messageId }) => messageId))).to.deep.equal(new Set(['kept']));
	});

	it('writes the StatusText that Sinch would', async () => {
		const statusText = async (fields: DeliveryReportFields) => (await read(deliveryReportRequest(fields))).statusText;
		expect(await statusText({ mmStatus: 'Expired' })).to.equal('Expired');
		expect(await statusText({ mmStatus: 'Retrieved' })).to.equal('Success');
		expect(await statusText({ mmStatus: 'Expired', statusText: null })).to.equal(undefined);
	});

	it('leaves out fields that are null or undefined', async () => {
		const names = ['namespace', 'mm7Version', 'sender', 'date', 'statusText', 'operatorId'];
		const fields = names.map((name, index) => [name, index % 2 === 0 ? null : undefined]);
		const { dateText, ...report } = await read(deliveryReportRequest(Object.fromEntries(fields)));
		expect(report).to.include(Object.fromEntries(names.map((name) => [name, undefined])));
		expect(dateText).to.equal(undefined);
	});

	for (const [element, fields, status, statusCode] of [
		['TransactionID', { transactionId: null }, 500, undefined],
		['MessageID', { messageId: undefined }, 200, 4004],
		['Recipient', { recipient: null }, 200, 4004],
		['MMStatus', { mmStatus: null }, 200, 4004],
	] as const) {
		it(`makes the invalid report without ${element}`, async () => {
			const sent = await send(deliveryReportRequest(fields));
			expect([sent.status, sent.response.statusCode]).to.deep.equal([status, statusCode]);
		});
	}

	it('resends a parsed report', async () => {
		const { dateText: _, ...report } = await read(deliveryReportRequest(FULL));
		const { dateText, ...resent } = await read(deliveryReportRequest(report));
		expect(resent).to.deep.equal(report);
		expect(dateText).to.equal('2026-01-02T02:04:05.000Z');
	});

	it('keeps the text of a date that cannot be parsed', async () => {
		const report = await parseDeliveryReport(...bodyAndHeaders(deliveryReportRequest({ date: 'yesterday' })));
		expect(report.date).to.equal(undefined);
		expect((await read(deliveryReportRequest(report))).dateText).to.equal('yesterday');
	});

	it('writes a Date in UTC', async () => {
		const date = new Date('2026-05-06T07:08:09.010Z');
		expect(await read(deliveryReportRequest({ date }))).to.deep.include({ date, dateText: '2026-05-06T07:08:09.010Z' });
	});

	it('puts attachments after the report, with a boundary that none of them contains', async () => {
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

	it('adds the given headers', () => {
		const { headers } = deliveryReportRequest({}, { headers: { Authorization: 'Basic eDp5' } });
		expect(headers).to.include({ Authorization: 'Basic eDp5', 'Content-Type': 'text/xml; charset=utf-8' });
	});

	for (const [mistake, message, fields, options] of [
		['a mistyped field', /unknown field msgId/, { msgId: '1' }],
		['a mistyped option', /did you mean form\?/, {}, { forms: 'xml' }],
		['an unknown form', /option form must be "xml" or/, {}, { form: 'json' }],
		['fields that are a Promise', /fields .* await it first/, Promise.resolve({})],
		['a Map of fields', /fields must be a plain/, new Map(), { unique: true }],
		['a Map of headers', /option headers must be/, {}, { headers: new Map() }],
		['a number', /field messageId must be text, not 1/, { messageId: 1 }],
		['an invalid date', /field date must be a valid date/, { date: new Date('x') }],
		['attachments without multipart', /multipart/, {}, { attachments: [{ content: '' }] }],
		['a header that HTTP cannot contain', /x-mblox-operator-id/, { operatorId: 'a\nb' }],
	] as [string, RegExp, object, object?][]) {
		it(`rejects ${mistake}`, () => {
			expect(() => deliveryReportRequest(fields, options)).to.throw(TypeError, message);
		});
	}

	it('sends any text in any field, in any form and version', async () => {
		const text = fc.string({ unit: 'binary', maxLength: 40 });
		const options = fc.record({
			form: fc.constantFrom(...FORMS),
			version: fc.constantFrom(...VERSIONS),
			soapVersion: fc.constantFrom('1.1' as const, '1.2' as const),
		});
		const optional = 'mmsRelayServerId mmStatusExtension statusText applicId replyApplicId auxApplicInfo'.split(' ');
		// a report without these would be invalid
		const required = ['namespace', 'mm7Version', 'transactionId', 'messageId', 'mmStatus'];
		const property = fc.asyncProperty(text, text, options, async (one, other, how) => {
			const sure = `${one}!`;
			const texts = Object.fromEntries([
				...optional.map((name) => [name, one]),
				...required.map((name) => [name, sure]),
			]) as Record<string, string>;
			const report = await read(
				deliveryReportRequest(
					{
						...texts,
						recipient: sure,
						sender: { kind: 'Text', address: sure },
						uaCapabilities: { uaProf: one, timeStamp: other },
						extensions: { [sure]: other },
					},
					how,
				),
			);
			const expected = Object.entries(texts).map(([name, sent]) => [name, received(sent)]);
			expect(report).to.deep.include({
				...Object.fromEntries(expected),
				extensions: { [received(sure) ?? '']: received(other) ?? '' },
			});
			expect(report.uaCapabilities?.uaProf).to.equal(received(one));
			expect(report.uaCapabilities?.timeStamp).to.equal(received(other));
			expect(report.recipient).to.include({ kind: 'Number', address: received(sure) });
			expect(report.sender).to.include({ kind: 'Text', address: received(sure) });
		});
		await fc.assert(property, { numRuns: 300 });
	});
});

describe('readReplyRequest', () => {
	afterEach(stopServers);

	it('writes the elements in the order of the schema', () => {
		const texts = { mmsRelayServerId: 'a', statusText: 'b', applicId: 'c', replyApplicId: 'd', auxApplicInfo: 'e' };
		expect(elementsOf(readReplyRequest(texts)).join(' ')).to.equal(
			'MM7Version MMSRelayServerID MessageID Recipient Sender TimeStamp MMStatus StatusText ' +
				'ApplicID ReplyApplicID AuxApplicInfo',
		);
	});

	for (const form of FORMS) {
		it(`makes a read reply as ${form} that is read back unchanged`, async () => {
			const fields = { messageId: '48', mmStatus: 'Deleted', date: new Date('2026-03-16T15:00:00Z'), operatorId: '7' };
			const reply = await parseReadReply(...bodyAndHeaders(readReplyRequest(fields, { form })));
			expect(reply).to.deep.include({ ...fields, state: 'deleted', statusText: undefined });
		});
	}

	it('resends a parsed read reply', async () => {
		const sent = readReplyRequest({
			mmStatus: 'Deleted',
			extensions: { LinkedID: 'l' },
			sender: undefined,
			date: null,
		});
		const { receivedAt: _, ...reply } = await parseReadReply(...bodyAndHeaders(sent));
		expect(readReplyRequest(reply)).to.deep.equal(sent);
	});

	it('gets a response that parseResponse reads and judgeAsSinch accepts', async () => {
		const { status, text, response } = await send(readReplyRequest({ transactionId: ' 42 ' }));
		expect(response).to.include({ operation: 'ReadReplyRsp', statusCode: 1000, transactionId: '42' });
		expect(judgeAsSinch({ status, body: text }, ' 42 ').verdict).to.equal('accepted');
	});

	it('rejects fields that only a delivery report has', () => {
		for (const name of ['mmStatusExtension', 'uaCapabilities', 'final']) {
			expect(() => readReplyRequest({ [name]: undefined })).to.throw(TypeError, `unknown field ${name}`);
			expect(() => deliveryReportRequest({ [name]: undefined })).not.to.throw();
		}
	});
});

function bodyAndHeaders({ body, headers }: DeliveryReportRequest) {
	return [body, headers] as const;
}

/** Text after XML: U+FFFD replaces what XML 1.0 cannot contain, white space is trimmed, empty text is `undefined`. */
function received(sent: string): string | undefined {
	return (
		sent
			.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
			.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, '') || undefined
	);
}
