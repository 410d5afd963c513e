import { expect } from 'chai';
import express from 'express';
import fc from 'fast-check';
import request from 'supertest';
import { Mm7Rejection, Mm7ServiceError, mm7DeliveryReports } from '../../../lib/index.js';
import { deliveryReportRequest, parseAnswer, type RequestOptions } from '../../../lib/provider/testing/index.js';

const NAMESPACE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';
const REL_5 = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0';

/** What the middleware answers to a report whose handler does this. */
async function answerTo(handler: () => void, options: RequestOptions = {}, fields = {}) {
	const { headers, body } = deliveryReportRequest(fields, options);
	return request(express().use(mm7DeliveryReports(handler)))
		.post('/')
		.set(headers)
		.send(body);
}

function serviceError(): never {
	throw new Mm7ServiceError();
}

describe('parseAnswer', () => {
	for (const soapVersion of ['1.1', '1.2'] as const) {
		it(`reads a DeliveryReportRsp of SOAP ${soapVersion}`, async () => {
			const { text } = await answerTo(() => {}, { soapVersion, version: '5.3.0' });
			expect(parseAnswer(text)).to.deep.equal({
				soapVersion,
				operation: 'DeliveryReportRsp',
				transactionId: '20260001',
				transactionIdNamespace: REL_5,
				mustUnderstand: true,
				namespace: REL_5,
				mm7Version: '5.3.0',
				statusCode: 1000,
				statusText: 'Success',
				details: undefined,
			});
		});
	}

	it('reads a refusal with its details', async () => {
		const { text } = await answerTo(() => {
			throw new Mm7Rejection(2005, 'never <sent> & "known"');
		});
		expect(parseAnswer(text)).to.include({
			statusCode: 2005,
			statusText: 'Message ID not found',
			details: 'never <sent> & "known"',
		});
	});

	for (const [soapVersion, code] of [
		['1.1', 'Server'],
		['1.2', 'Receiver'],
	] as const) {
		it(`reads a fault of SOAP ${soapVersion} with its VASPErrorRsp`, async () => {
			const { text } = await answerTo(serviceError, { soapVersion });
			expect(parseAnswer(text)).to.deep.equal({
				soapVersion,
				operation: 'VASPErrorRsp',
				fault: { code, text: 'Service error' },
				transactionId: '20260001',
				transactionIdNamespace: NAMESPACE,
				mustUnderstand: true,
				namespace: NAMESPACE,
				mm7Version: '6.8.0',
				statusCode: 4005,
				statusText: 'Service error',
				details: undefined,
			});
		});
	}

	for (const [soapVersion, code] of [
		['1.1', 'Client.TransactionID'],
		['1.2', 'Sender.TransactionID'],
	] as const) {
		it(`reads a fault of SOAP ${soapVersion} without detail`, async () => {
			const { text } = await answerTo(() => {}, { soapVersion }, { transactionId: null });
			expect(parseAnswer(text)).to.deep.equal({
				soapVersion,
				operation: undefined,
				fault: { code, text: 'The TransactionID is missing or unusable' },
				transactionId: undefined,
				transactionIdNamespace: undefined,
				mustUnderstand: false,
				namespace: undefined,
				mm7Version: undefined,
				statusCode: undefined,
				statusText: undefined,
				details: undefined,
			});
		});
	}

	for (const [attribute, mustUnderstand] of [
		['', false],
		[' e:mustUnderstand="0"', false],
		[' e:mustUnderstand="1"', true],
		[' e:mustUnderstand="true"', true],
	] as const) {
		it(`reads <TransactionID${attribute}> in a namespace of its own`, () => {
			const header = `<e:Header><t:TransactionID xmlns:t="urn:t"${attribute}>1</t:TransactionID></e:Header>`;
			const body = '<e:Body><ReadReplyRsp xmlns="urn:b"/></e:Body>';
			const answer = parseAnswer(`<e:Envelope xmlns:e="urn:soap">${header}${body}</e:Envelope>`);
			expect(answer).to.include({
				operation: 'ReadReplyRsp',
				transactionId: '1',
				transactionIdNamespace: 'urn:t',
				mustUnderstand,
				namespace: 'urn:b',
			});
		});
	}

	it('takes bytes as well as text', async () => {
		const { text } = await answerTo(() => {});
		expect(parseAnswer(Buffer.from(text))).to.deep.equal(parseAnswer(text));
	});

	it('reads the example of Sinch, with its own prefix and layout', () => {
		const answer = parseAnswer(`<?xml version="1.0" encoding="UTF-8" ?>
<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/">
<soap-env:Header>
<TransactionID xmlns="${NAMESPACE}" soap-env:mustUnderstand="1">20260001</TransactionID>
</soap-env:Header>
<soap-env:Body>
<DeliveryReportRsp xmlns="${NAMESPACE}">
<MM7Version>6.8.0</MM7Version>
<Status>
<StatusCode>1000</StatusCode>
<StatusText>Successfully Received MMS.</StatusText>
</Status>
</DeliveryReportRsp>
</soap-env:Body>
</soap-env:Envelope>`);
		expect(answer).to.include({ statusCode: 1000, statusText: 'Successfully Received MMS.', namespace: NAMESPACE });
	});

	const UNREADABLE: [string, string, RegExp][] = [
		['an empty body', '', /no well-formed XML: it is empty/],
		['a text', 'OK', /no well-formed XML: 'OK'/],
		['JSON', '{"ok":true}', /no well-formed XML: '\{"ok":true\}'/],
		['an HTML page', '<!doctype html><p>Not found', /no well-formed XML: '<!doctype/],
		['an unescaped ampersand', '<Envelope><Body><a>b & c</a></Body></Envelope>', /no well-formed XML/],
		['XML that is no envelope', '<ok/>', /no SOAP message: '<ok\/>'/],
		['an envelope without content', '<Envelope><Body/></Envelope>', /no SOAP message/],
	];
	for (const [kind, body, message] of UNREADABLE) {
		it(`throws on ${kind}, and quotes it`, () => {
			expect(() => parseAnswer(body)).to.throw(Error, message);
		});
	}

	it('reads no StatusCode that is no number', () => {
		const status = '<Status><StatusCode>ok</StatusCode></Status>';
		const xml = `<Envelope><Body><DeliveryReportRsp>${status}</DeliveryReportRsp></Body></Envelope>`;
		expect(parseAnswer(xml)).to.include({ statusCode: undefined, operation: 'DeliveryReportRsp' });
	});

	it('gives back any TransactionID and any details', async () => {
		const app = express().use(mm7DeliveryReports((report) => ({ statusCode: 2000, details: report.statusText })));
		const property = fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
			const sent = `${text}!`;
			const { headers, body } = deliveryReportRequest({ transactionId: sent, statusText: sent });
			const response = await request(app).post('/').set(headers).send(body);
			expect(parseAnswer(response.text)).to.include({ transactionId: sent.trim(), details: sent.trim() });
		});
		await fc.assert(property, { numRuns: 50 });
	});
});
