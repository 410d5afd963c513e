import { expect } from 'chai';
import {
	type DeliveryReportFields,
	deliveryReportRequest,
	judgeAsSinch,
	parseResponse,
	type RequestOptions,
} from 'mm7-delivery-reports/testing';
import { beforeEach, describe, it } from 'mocha';
import request from 'supertest';
import { createApp } from '../app.js';
import { type Messages, MessagesInMemory } from '../messages.js';

const MESSAGE_ID = '480000000000000042';

describe('the app', () => {
	let messages: MessagesInMemory;

	beforeEach(() => {
		messages = new MessagesInMemory();
		messages.add(MESSAGE_ID);
	});

	/** Sends a report as the provider would. */
	function report(fields: DeliveryReportFields, options?: RequestOptions, kept: Messages = messages) {
		const { headers, body } = deliveryReportRequest({ messageId: MESSAGE_ID, ...fields }, options);
		return request(createApp(kept)).post('/mm7').set(headers).send(body);
	}

	for (const form of ['xml', 'multipart', 'bare'] as const) {
		it(`keeps the state of a message that is reported as ${form}`, async () => {
			const response = await report({ mmStatus: 'Retrieved' }, { form });
			expect(parseResponse(response.text).statusCode).to.equal(1000);
			expect(messages.stateOf(MESSAGE_ID)).to.deep.equal({ state: 'delivered', statusText: 'Success', final: true });
		});
	}

	it('keeps the final state if the first report arrives last', async () => {
		await report({ mmStatus: 'Expired' }).expect(200);
		await report({ mmStatus: 'Forwarded' }).expect(200);
		expect(messages.stateOf(MESSAGE_ID)).to.include({ state: 'failed', final: true });
	});

	it('rejects a report about a message that it never sent', async () => {
		const response = await report({ messageId: '480000000000000099' }).expect(200);
		expect(parseResponse(response.text)).to.include({ statusCode: 2005, details: 'no message 480000000000000099' });
	});

	it('has the report resent while the database is down, without exposing the reason', async () => {
		const down = { setState: () => Promise.reject(new Error('connect ECONNREFUSED db.internal')) };
		const { status, text } = await report({ transactionId: '20260042' }, {}, down);
		expect(judgeAsSinch({ status, body: text }, '20260042').verdict).to.equal('retry');
		expect(text).not.to.include('db.internal');
	});

	it('accepts a report with only the elements that MM7 requires', async () => {
		await report({ sender: null, date: null, statusText: null, mm7Version: null }).expect(200);
		expect(messages.stateOf(MESSAGE_ID)).to.deep.equal({ state: 'delivered', statusText: undefined, final: true });
	});
});
