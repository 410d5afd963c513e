import { expect } from 'chai';
import fc from 'fast-check';
import request from 'supertest';
import { type Handler, Mm7Rejection, Mm7ServiceError } from '../../../lib/index.js';
import {
	type DeliveryReportFields,
	deliveryReportRequest,
	parseResponse,
	type RequestOptions,
} from '../../../lib/provider/testing/index.js';
import { NAMESPACE } from '../../support/report.js';
import { app } from '../../support/server.js';

/** The response of the middleware to a report. */
async function responseTo(
	handler: Handler = () => undefined,
	options: RequestOptions = {},
	fields: DeliveryReportFields = {},
): Promise<string> {
	const { headers, body } = deliveryReportRequest(fields, options);
	return (await request(app(handler)).post('/mm7').set(headers).send(body)).text;
}

const OF_REPORT = {
	transactionId: '20260001',
	transactionIdNamespace: NAMESPACE,
	mustUnderstand: true,
	namespace: NAMESPACE,
	mm7Version: '6.8.0',
	details: undefined,
};

describe('parseResponse', () => {
	for (const [soapVersion, server, client] of [
		['1.1', 'Server', 'Client'],
		['1.2', 'Receiver', 'Sender'],
	] as const) {
		it(`reads a DeliveryReportRsp of SOAP ${soapVersion}`, async () => {
			expect(parseResponse(await responseTo(undefined, { soapVersion }))).to.deep.equal({
				...OF_REPORT,
				soapVersion,
				operation: 'DeliveryReportRsp',
				statusCode: 1000,
				statusText: 'Success',
			});
		});

		it(`reads a fault of SOAP ${soapVersion} with its VASPErrorRsp`, async () => {
			const fail = () => Promise.reject(new Mm7ServiceError());
			expect(parseResponse(await responseTo(fail, { soapVersion }))).to.deep.equal({
				...OF_REPORT,
				soapVersion,
				operation: 'VASPErrorRsp',
				fault: { code: server, text: 'Service error' },
				statusCode: 4005,
				statusText: 'Service error',
			});
		});

		it(`reads a fault of SOAP ${soapVersion} without detail`, async () => {
			const {
				soapVersion: version,
				fault,
				...others
			} = parseResponse(await responseTo(undefined, { soapVersion }, { transactionId: null }));
			expect(version).to.equal(soapVersion);
			expect(fault?.code).to.equal(`${client}.TransactionID`);
			expect(fault?.text).to.be.a('string').that.is.not.empty;
			expect(others).to.deep.equal({
				...Object.fromEntries(Object.keys(others).map((name) => [name, undefined])),
				mustUnderstand: false,
			});
		});
	}

	it('reads a rejection with its details, as text or as bytes', async () => {
		const details = 'never <sent> & "known"';
		const text = await responseTo(() => Promise.reject(new Mm7Rejection(2005, details)));
		expect(parseResponse(text)).to.include({ statusCode: 2005, statusText: 'Message ID not found', details });
		expect(parseResponse(Buffer.from(text))).to.deep.equal(parseResponse(text));
	});

	for (const [attribute, mustUnderstand] of [
		['', false],
		[' e:mustUnderstand="0"', false],
		[' e:mustUnderstand="1"', true],
		[' e:mustUnderstand="true"', true],
	] as const) {
		it(`reads <TransactionID${attribute}> in its own namespace`, () => {
			const header = `<e:Header><t:TransactionID xmlns:t="urn:t"${attribute}>1</t:TransactionID></e:Header>`;
			const body = '<e:Body><ReadReplyRsp xmlns="urn:b"/></e:Body>';
			expect(parseResponse(`<e:Envelope xmlns:e="urn:soap">${header}${body}</e:Envelope>`)).to.include({
				operation: 'ReadReplyRsp',
				transactionId: '1',
				transactionIdNamespace: 'urn:t',
				mustUnderstand,
				namespace: 'urn:b',
			});
		});
	}

	for (const [kind, body, message] of [
		['an empty body', '', 'not well-formed XML: it is empty'],
		['text', 'OK', "not well-formed XML: 'OK'"],
		['an HTML page', '<!doctype html><p>Not found', "not well-formed XML: '<!doctype"],
		['an unescaped ampersand', '<Envelope><Body><a>b & c</a></Body></Envelope>', 'not well-formed XML'],
		['XML that is not an envelope', '<ok/>', "not a SOAP message: '<ok/>'"],
		['an envelope without content', '<Envelope><Body/></Envelope>', 'not a SOAP message'],
	] as const) {
		it(`throws an error that quotes ${kind}`, () => {
			expect(() => parseResponse(body)).to.throw(Error, message);
		});
	}

	it('ignores a StatusCode that is not a number', () => {
		const status = '<Status><StatusCode>ok</StatusCode></Status>';
		const xml = `<Envelope><Body><DeliveryReportRsp>${status}</DeliveryReportRsp></Body></Envelope>`;
		expect(parseResponse(xml)).to.include({ statusCode: undefined, operation: 'DeliveryReportRsp' });
	});

	it('reads back any TransactionID and any details', async () => {
		const handler: Handler = ({ statusText }) => ({ statusCode: 2000, details: statusText });
		const property = fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1 }), async (text) => {
			const sent = `${text}!`;
			const response = await responseTo(handler, {}, { transactionId: sent, statusText: sent });
			expect(parseResponse(response)).to.include({ transactionId: sent.trim(), details: sent.trim() });
		});
		await fc.assert(property, { numRuns: 50 });
	});
});
