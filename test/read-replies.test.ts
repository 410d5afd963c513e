import { expect } from 'chai';
import request from 'supertest';
import {
	duplicateKey,
	type Handler,
	type OperationHandler,
	type Options,
	parseReadReply,
	type ReadReply,
	type ReadReplyHandler,
} from '../lib/index.js';
import { responseProblems } from '../lib/provider/check/response-problems.js';
import { type ReadReplyFields, readReplyRequest } from '../lib/provider/testing/index.js';
import { NAMESPACE, reportXml } from './support/report.js';
import { readResponse } from './support/response.js';
import { app, EXPRESS, Exchanges } from './support/server.js';

const replyXml = (fields?: ReadReplyFields) => String(readReplyRequest(fields).body);
const deliverXml = (transactionId: string | undefined = '20260001') =>
	reportXml({ operation: 'DeliverReq', transactionId });

async function respond(options: Options, xml: string, handler?: Handler, express = EXPRESS['Express 5']) {
	const exchanges = new Exchanges();
	const application = app(handler, { onExchange: exchanges.add, ...options }, express);
	const { status, text } = await request(application).post('/mm7').type('xml').send(xml);
	return { status, text, response: readResponse(text), exchange: await exchanges.number(1) };
}

describe('readReplies', () => {
	for (const [name, express] of Object.entries(EXPRESS)) {
		it(`passes a read reply to its own handler and responds with ReadReplyRsp, in ${name}`, async () => {
			let reply: ReadReply | undefined;
			const readReplies: ReadReplyHandler = (given, req, { signal }) => {
				reply = given;
				expect(req).to.include({ readReply: given }).and.not.to.have.property('deliveryReport');
				expect([req.mm7Envelope?.operation, signal.aborted]).to.deep.equal(['ReadReplyReq', false]);
			};
			const { status, text, response, exchange } = await respond({ readReplies }, replyXml(), undefined, express);
			expect(status).to.equal(200);
			expect(response).to.include({
				operation: 'ReadReplyRsp',
				namespace: NAMESPACE,
				transactionId: '20260001',
				mm7Version: '6.8.0',
				statusCode: 1000,
				statusText: 'Success',
			});
			expect(responseProblems(text)).to.deep.equal([]);
			expect(reply).to.deep.include({
				transactionId: '20260001',
				messageId: '480000000000000001',
				recipient: { kind: 'Number', address: '12015550123', number: '12015550123' },
				sender: { kind: 'Number', address: '54321', number: '54321' },
				date: new Date('2026-03-16T14:03:51.749Z'),
				dateText: '2026-03-16T14:03:51.749Z',
				mmStatus: 'Read',
				state: 'read',
				statusText: undefined,
			});
			expect(reply).not.to.have.any.keys('final', 'mmStatusExtension', 'uaCapabilities');
			expect(exchange).to.include({ report: undefined, readReply: reply, statusCode: 1000 });
		});
	}

	for (const [mmStatus, state] of [
		['Read', 'read'],
		['READ', 'read'],
		['Deleted', 'deleted'],
		['Deleted without being read', 'deleted'],
		['Indeterminate', 'unknown'],
		['Shredded', 'unknown'],
	] as const) {
		it(`parses ${mmStatus} as ${state}`, async () => {
			expect(await parseReadReply(replyXml({ mmStatus }))).to.include({ mmStatus, state });
		});
	}

	it('handles each reply once with deduplicate, and never treats it as a copy of a report', async () => {
		const calls: string[] = [];
		const application = app(() => void calls.push('report'), {
			readReplies: () => void calls.push('reply'),
			deduplicate: true,
		});
		const reply = replyXml({ mmStatus: 'Indeterminate' }).replaceAll('TimeStamp', 'Date');
		const report = reply.replaceAll('ReadReplyReq', 'DeliveryReportReq');
		for (const xml of [reply, reply, report, report]) {
			await request(application).post('/mm7').type('xml').send(xml).expect(200);
		}
		expect(calls).to.deep.equal(['reply', 'report']);
		const parsed = await parseReadReply(reply);
		expect(duplicateKey(parsed)).not.to.equal(duplicateKey({ ...parsed, final: true } as never));
	});
});

describe('parseReadReply', () => {
	it('rejects a report', async () => {
		const error = await parseReadReply(reportXml()).catch((thrown: unknown) => thrown);
		expect(error).to.have.property('code', 'ERR_MM7_OPERATION');
	});
});

describe('otherOperations with a handler', () => {
	it('receives the envelope of a request that is not a report', async () => {
		let calls = 0;
		const otherOperations: OperationHandler = (envelope, req, { signal }) => {
			calls++;
			expect(req.mm7Envelope).to.equal(envelope);
			expect([envelope.operation, signal.aborted]).to.deep.equal(['DeliverReq', false]);
		};
		const { response, exchange } = await respond({ otherOperations }, deliverXml());
		expect(response).to.include({ operation: 'DeliverRsp', namespace: NAMESPACE, statusCode: 1000 });
		expect(calls).to.equal(1);
		expect(exchange).to.include({ report: undefined, readReply: undefined, statusCode: 1000 });
	});

	it('is not called without a TransactionID', async () => {
		const otherOperations = () => expect.fail('it must not be called');
		const { status, response } = await respond({ otherOperations }, deliverXml().replace(/<env:Header>.*Header>/, ''));
		expect(status).to.equal(500);
		expect(response.faultCode).to.equal('Client.TransactionID');
	});
});

describe('the handlers of other operations', () => {
	const fails = () => Promise.reject(new Error('db'));
	const hangs = () => new Promise<never>(() => undefined);
	const refuses = () => ({ statusCode: 2004, details: 'no pictures' });
	const accepts = () => undefined;
	const mustNotRun = () => expect.fail('it must not be called');
	for (const [situation, options, xml, expected] of [
		['readReplies refuses', { readReplies: refuses }, replyXml(), ['ReadReplyRsp', 2004, 200]],
		[
			'a read reply has no MessageID',
			{ readReplies: accepts },
			replyXml({ messageId: null }),
			['ReadReplyRsp', 4004, 200],
		],
		['readReplies fails', { readReplies: fails }, replyXml(), ['VASPErrorRsp', 4006, 500]],
		['readReplies misses the deadline', { readReplies: hangs }, replyXml(), ['VASPErrorRsp', 4006, 500]],
		['readReplies is not set', {}, replyXml(), ['VASPErrorRsp', 4003, 500]],
		['only otherOperations is set', { otherOperations: accepts }, replyXml(), ['ReadReplyRsp', 1000, 200]],
		['a report arrives', { readReplies: mustNotRun }, reportXml(), ['DeliveryReportRsp', 1000, 200]],
		['a report arrives', { otherOperations: mustNotRun }, reportXml(), ['DeliveryReportRsp', 1000, 200]],
		['otherOperations refuses', { otherOperations: refuses }, deliverXml(), ['DeliverRsp', 2004, 200]],
		['otherOperations fails', { otherOperations: fails }, deliverXml(), ['VASPErrorRsp', 4006, 500]],
		['otherOperations misses the deadline', { otherOperations: hangs }, deliverXml(), ['VASPErrorRsp', 4006, 500]],
	] as const) {
		it(`lead to ${expected.join(', ')} if ${situation}: ${Object.keys(options)}`, async () => {
			const { status, response } = await respond({ handlerTimeout: 50, ...(options as Options) }, xml);
			expect([response.operation, response.statusCode, status]).to.deep.equal(expected);
		});
	}
});
