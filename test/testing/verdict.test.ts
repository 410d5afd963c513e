import { expect } from 'chai';
import express from 'express';
import request from 'supertest';
import { type Handler, mm7DeliveryReports, type Options } from '../../lib/index.js';
import { type DeliveryReportFields, deliveryReportRequest, judgeAsSinch } from '../../lib/testing/index.js';

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
		const verdict = await verdictOn(() => {}, { clientFaultStatus: 200, mm7Versions: ['5.3.0'] });
		expect(verdict).to.deep.equal({ verdict: 'refused', reason: 'StatusCode 4002' });
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

	it('sends again when the answer is no SOAP, and quotes it', () => {
		expect(judgeAsSinch({ status: 200, body: 'OK' }, '20260001')).to.deep.equal({
			verdict: 'again',
			reason: "the answer is no well-formed XML: 'OK'",
		});
	});
});
