import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { type Handler, mm7DeliveryReports, type Options, parseDeliveryReport } from '../../../lib/index.js';
import {
	type DeliveryReportFields,
	deliveryReportRequest,
	judgeAsSinch,
	type SentReport,
} from '../../../lib/provider/testing/index.js';

async function verdictOn(handler: Handler, options: Options = {}, fields: DeliveryReportFields = {}) {
	const { headers, body } = deliveryReportRequest(fields);
	const app = express().use(mm7DeliveryReports(handler, options));
	const { status, text } = await request(app).post('/').set(headers).send(body);
	return judgeAsSinch({ status, body: text }, '20260001');
}

function fail(): never {
	throw new Error('database down');
}

describe('judgeAsSinch', () => {
	it('accepts HTTP 200 with the same TransactionID and StatusCode 1000', async () => {
		expect(await verdictOn(() => {})).to.deep.equal({ verdict: 'accepted', reason: undefined });
	});

	it('takes another StatusCode behind HTTP 200 as a final refusal', async () => {
		expect(await verdictOn(() => ({ statusCode: 2005 }))).to.deep.equal({
			verdict: 'refused',
			reason: 'StatusCode 2005',
		});
		expect(await verdictOn(() => ({ statusCode: 1100 }))).to.include({ verdict: 'refused' });
	});

	it('takes a fault behind HTTP 200 as a final refusal, where it carries a StatusCode', async () => {
		const verdict = await verdictOn(() => {}, { clientFaultStatus: 200, limits: { elements: 1 } });
		expect(verdict).to.deep.equal({ verdict: 'refused', reason: 'StatusCode 4004' });
	});

	it('sends again after any other HTTP status', async () => {
		expect(await verdictOn(fail)).to.deep.equal({ verdict: 'again', reason: 'HTTP 500' });
		expect(await verdictOn(() => {}, { authenticate: () => false })).to.include({ reason: 'HTTP 401' });
		expect(judgeAsSinch({ status: 202, body: '' }, '20260001').verdict).to.equal('again');
	});

	it('sends again when the answer is about another report', async () => {
		expect(await verdictOn(() => {}, {}, { transactionId: '20260002' })).to.deep.equal({
			verdict: 'again',
			reason: 'another TransactionID',
		});
	});

	it('sends again when the answer names no report', () => {
		const body = '<Envelope><Body><DeliveryReportRsp/></Body></Envelope>';
		expect(judgeAsSinch({ status: 200, body }, '20260001').reason).to.equal('no TransactionID');
	});

	it('sends again when there is no StatusCode', () => {
		const header = '<Header><TransactionID>20260001</TransactionID></Header>';
		const body = `<Envelope>${header}<Body><DeliveryReportRsp/></Body></Envelope>`;
		expect(judgeAsSinch({ status: 200, body }, '20260001').reason).to.equal('no StatusCode');
	});

	describe('as a SOAP stack reads', () => {
		const GOOD = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>
			<TransactionID xmlns="urn:mm7" e:mustUnderstand="1">1</TransactionID></e:Header><e:Body>
			<DeliveryReportRsp xmlns="urn:mm7"><MM7Version>6.8.0</MM7Version><Status><StatusCode>1000</StatusCode>
			<StatusText>ok</StatusText></Status></DeliveryReportRsp></e:Body></e:Envelope>`;
		const SENT = { transactionId: '1', namespace: 'urn:mm7', operation: 'DeliveryReportReq' } as const;

		for (const [what, sent] of [
			['its TransactionID alone', '1'],
			['namespace and operation too', SENT],
			['white space round the TransactionID', { ...SENT, transactionId: '\n1 ' }],
		] as const) {
			it(`accepts the answer to what was sent, knowing ${what}`, () => {
				expect(judgeAsSinch({ status: 200, body: GOOD }, sent).reason).to.equal(undefined);
			});
		}

		it('accepts an answer without mustUnderstand, whatever was sent', () => {
			const body = GOOD.replace(' e:mustUnderstand="1"', '');
			for (const mustUnderstand of [true, false]) {
				expect(judgeAsSinch({ status: 200, body }, { ...SENT, mustUnderstand }).verdict).to.equal('accepted');
			}
		});

		it('takes a refusal in a fault for the answer to whichever operation was sent', () => {
			const body = GOOD.replace('<Deli', '<e:Fault><detail><Deli')
				.replace('</e:Body', '</detail></e:Fault></e:Body')
				.replaceAll('DeliveryReportRsp', 'VASPErrorRsp')
				.replace('1000', '4003');
			for (const operation of ['DeliveryReportReq', 'ReadReplyReq'] as const) {
				const verdict = judgeAsSinch({ status: 200, body }, { ...SENT, operation });
				expect(verdict).to.deep.equal({ verdict: 'refused', reason: 'StatusCode 4003' });
			}
		});

		it('takes a report that was read for what was sent', async () => {
			const { headers, body } = deliveryReportRequest({ transactionId: '1', namespace: 'urn:mm7' });
			const report = await parseDeliveryReport(body, headers);
			expect(judgeAsSinch({ status: 200, body: GOOD }, report).verdict).to.equal('accepted');
			expect(judgeAsSinch({ status: 200, body: GOOD }, { ...report, namespace: 'urn:b' }).verdict).to.equal('again');
		});

		const WRONG: [reason: string, answer: (good: string) => string, sent: string | SentReport][] = [
			['TransactionID in another namespace', (good) => good.replace('ID xmlns="urn:mm7"', 'ID'), '1'],
			['TransactionID in another namespace', (good) => good.replace('ID xmlns="urn:mm7"', 'ID xmlns="urn:b"'), '1'],
			['TransactionID in another namespace', (good) => good.replaceAll('urn:mm7', 'urn:b'), SENT],
			[
				'DeliveryReportRsp in another namespace',
				(good) => good.replace('Rsp xmlns="urn:mm7"', 'Rsp xmlns="urn:b"'),
				SENT,
			],
			['mustUnderstand, which was not sent', (good) => good, { ...SENT, mustUnderstand: false }],
			['DeliveryReportRsp in place of ReadReplyRsp', (good) => good, { ...SENT, operation: 'ReadReplyReq' }],
			[
				'StatusCode 1000 in a fault',
				(good) => good.replace('<Deli', '<e:Fault><detail><Deli').replace('</e:Body', '</detail></e:Fault></e:Body'),
				'1',
			],
		];
		for (const [index, [reason, answer, sent]] of WRONG.entries()) {
			it(`sends again: ${reason} (${index + 1})`, () => {
				expect(answer(GOOD) === GOOD).to.equal(typeof sent !== 'string' && /not sent|in place/.test(reason));
				expect(judgeAsSinch({ status: 200, body: answer(GOOD) }, sent)).to.deep.equal({ verdict: 'again', reason });
			});
		}
	});

	it('sends again when the answer is no SOAP, and quotes it', () => {
		expect(judgeAsSinch({ status: 200, body: 'OK' }, '20260001')).to.deep.equal({
			verdict: 'again',
			reason: "the answer is no well-formed XML: 'OK'",
		});
	});
});
