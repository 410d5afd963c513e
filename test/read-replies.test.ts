import { expect } from 'chai';
import request from 'supertest';
import {
	duplicateKey,
	type Handler,
	mm7DeliveryReports,
	type OperationHandler,
	type Options,
	parseReadReply,
	type ReadReply,
	type ReadReplyHandler,
} from '../lib/index.js';
import { answerProblems } from '../lib/provider/check/answer-problems.js';
import { readAnswer } from './support/answer.js';
import { NAMESPACE, reportXml } from './support/report.js';
import { app, EXPRESS, Exchanges } from './support/server.js';

/** A read reply as relays send it: `TimeStamp` in place of `Date`. */
const replyXml = (elements: Record<string, string | undefined> = {}) =>
	reportXml({
		operation: 'ReadReplyReq',
		elements: {
			Date: undefined,
			TimeStamp: '2026-03-16T15:00:00Z',
			MMStatus: 'Read',
			StatusText: undefined,
			...elements,
		},
	});

function send(options: Options, xml: string, handler: Handler = () => undefined, express = EXPRESS['Express 5']) {
	const exchanges = new Exchanges();
	const application = app(handler, { onExchange: exchanges.add, ...options }, express);
	const answer = request(application).post('/mm7').type('xml').send(xml);
	return { answer, exchanges };
}

describe('readReplies', () => {
	for (const [name, express] of Object.entries(EXPRESS)) {
		it(`hands a read reply to its own handler and answers ReadReplyRsp, in ${name}`, async () => {
			const seen: ReadReply[] = [];
			const onRequest: unknown[] = [];
			const readReplies: ReadReplyHandler = (reply, req, { signal }) => {
				seen.push(reply);
				onRequest.push(req.readReply, req.deliveryReport, req.mm7Envelope?.operation, signal.aborted);
			};
			const { answer, exchanges } = send({ readReplies }, replyXml(), undefined, express);
			const { text } = await answer.expect(200);
			expect(readAnswer(text)).to.include({
				operation: 'ReadReplyRsp',
				namespace: NAMESPACE,
				transactionId: '20260001',
				mm7Version: '6.8.0',
				statusCode: 1000,
				statusText: 'Success',
			});
			expect(answerProblems(text)).to.deep.equal([]);
			expect(seen).to.have.length(1);
			expect(seen[0]).to.deep.include({
				transactionId: '20260001',
				messageId: '480000000000000001',
				recipient: { kind: 'Number', address: '12015550123', number: '12015550123' },
				sender: { kind: 'Number', address: '54321', number: '54321' },
				date: new Date('2026-03-16T15:00:00Z'),
				dateText: '2026-03-16T15:00:00Z',
				mmStatus: 'Read',
				state: 'read',
				statusText: undefined,
			});
			expect(seen[0]).not.to.have.any.keys('final', 'mmStatusExtension', 'uaCapabilities');
			expect(onRequest).to.deep.equal([seen[0], undefined, 'ReadReplyReq', false]);
			const exchange = await exchanges.number(1);
			expect(exchange).to.include({ report: undefined, readReply: seen[0], statusCode: 1000 });
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
		it(`reads ${mmStatus} as ${state}`, async () => {
			expect(await parseReadReply(replyXml({ MMStatus: mmStatus }))).to.include({ mmStatus, state });
		});
	}

	it('leaves delivery reports to the handler of reports', async () => {
		let reports = 0;
		const readReplies = () => expect.fail('this is not a read reply');
		const count = () => {
			reports++;
		};
		const { answer } = send({ readReplies }, reportXml(), count);
		expect(readAnswer((await answer.expect(200)).text).operation).to.equal('DeliveryReportRsp');
		expect(reports).to.equal(1);
	});

	it('refuses with a ReadReplyRsp', async () => {
		const { answer } = send({ readReplies: () => ({ statusCode: 2005 }) }, replyXml());
		expect(readAnswer((await answer.expect(200)).text)).to.include({ operation: 'ReadReplyRsp', statusCode: 2005 });
	});

	it('answers a missing MessageID with 4004 in a ReadReplyRsp', async () => {
		const { answer } = send({ readReplies: () => undefined }, replyXml({ MessageID: undefined }));
		expect(readAnswer((await answer.expect(200)).text)).to.include({ operation: 'ReadReplyRsp', statusCode: 4004 });
	});

	it('asks for a retry by a fault when its handler fails, or misses the deadline', async () => {
		const fail = () => {
			throw new Error('db');
		};
		for (const readReplies of [fail, () => new Promise<never>(() => undefined)]) {
			const { answer, exchanges } = send({ readReplies, handlerTimeout: 20 }, replyXml());
			expect(readAnswer((await answer.expect(500)).text)).to.include({ operation: 'VASPErrorRsp', statusCode: 4006 });
			expect((await exchanges.number(1)).readReply?.messageId).to.equal('480000000000000001');
		}
	});

	it('is another operation without the option', async () => {
		const { answer } = send({}, replyXml());
		expect(readAnswer((await answer.expect(500)).text)).to.include({ operation: 'VASPErrorRsp', statusCode: 4003 });
	});

	it('handles each reply once with deduplicate, and never takes it for a report', async () => {
		const calls: string[] = [];
		const application = app(() => void calls.push('report'), {
			readReplies: () => void calls.push('reply'),
			deduplicate: true,
		});
		const post = (xml: string) => request(application).post('/mm7').type('xml').send(xml).expect(200);
		const same = { Date: '2026-03-16T15:00:00Z', TimeStamp: undefined, MMStatus: 'Indeterminate' };
		await post(replyXml(same));
		await post(replyXml(same));
		await post(reportXml({ elements: same }));
		await post(reportXml({ elements: same }));
		expect(calls).to.deep.equal(['reply', 'report']);
		const reply = await parseReadReply(replyXml(same));
		expect(duplicateKey(reply)).not.to.equal(duplicateKey({ ...reply, final: true } as never));
	});

	it('refuses to parse a report as a reply', async () => {
		const error = await parseReadReply(reportXml()).catch((thrown: unknown) => thrown);
		expect(error).to.have.property('code', 'ERR_MM7_OPERATION');
	});
});

describe('otherOperations with a handler', () => {
	const deliverXml = (transactionId: string | undefined = '20260001') =>
		reportXml({ operation: 'DeliverReq', transactionId });

	it('is answered with the response of the operation', async () => {
		const seen: unknown[] = [];
		const otherOperations: OperationHandler = (envelope, req, { signal }) => {
			seen.push(envelope.operation, req.mm7Envelope === envelope, signal.aborted);
		};
		const { answer, exchanges } = send({ otherOperations }, deliverXml());
		const { text } = await answer.expect(200);
		expect(readAnswer(text)).to.include({ operation: 'DeliverRsp', namespace: NAMESPACE, statusCode: 1000 });
		expect(seen).to.deep.equal(['DeliverReq', true, false]);
		expect(await exchanges.number(1)).to.include({ report: undefined, readReply: undefined, statusCode: 1000 });
	});

	it('follows the rules of the main handler', async () => {
		const refused = send({ otherOperations: () => ({ statusCode: 2004, details: 'no pictures' }) }, deliverXml());
		expect(readAnswer((await refused.answer.expect(200)).text)).to.include({
			operation: 'DeliverRsp',
			statusCode: 2004,
			details: 'no pictures',
		});
		const failed = send({ otherOperations: () => Promise.reject(new Error('db')) }, deliverXml());
		expect(readAnswer((await failed.answer.expect(500)).text)).to.include({
			operation: 'VASPErrorRsp',
			statusCode: 4006,
		});
		const late = send({ otherOperations: () => new Promise(() => undefined), handlerTimeout: 10 }, deliverXml());
		await late.answer.expect(500);
		expect((await late.exchanges.number(1)).error?.code).to.equal('ERR_MM7_HANDLER_TIMEOUT');
	});

	it('needs a TransactionID', async () => {
		const otherOperations = () => expect.fail('it must not be called');
		const xml = deliverXml().replace(/<env:Header>.*<\/env:Header>/, '');
		const without = send({ otherOperations }, xml);
		expect(readAnswer((await without.answer.expect(500)).text).faultCode).to.equal('Client.TransactionID');
	});

	it('gets read replies where readReplies is not set', async () => {
		const { answer } = send({ otherOperations: () => undefined }, replyXml());
		expect(readAnswer((await answer.expect(200)).text).operation).to.equal('ReadReplyRsp');
	});

	it('is not called for a report', async () => {
		const { answer } = send({ otherOperations: () => expect.fail('a report') }, reportXml());
		expect(readAnswer((await answer.expect(200)).text).operation).to.equal('DeliveryReportRsp');
	});
});

describe('mm7DeliveryReports mounted wrongly', () => {
	it('says that it must be called', async () => {
		const application = EXPRESS['Express 5']();
		application.use('/mm7', mm7DeliveryReports as never);
		application.use(((error, _req, res, _next) =>
			res.status(500).send(String(error))) as import('express').ErrorRequestHandler);
		const { text } = await request(application).post('/mm7').send('x').expect(500);
		expect(text).to.equal('TypeError: mm7DeliveryReports must be called: app.use(path, mm7DeliveryReports(handler))');
	});

	for (const [name, express] of Object.entries(EXPRESS)) {
		it(`leaves the rest of the site alone without a path, in ${name}`, async () => {
			const application = express();
			application.use(mm7DeliveryReports(() => undefined) as unknown as import('express').RequestHandler);
			application.get('/health', (_req, res) => void res.send('well'));
			await request(application).get('/health').expect(200, 'well');
			await request(application).post('/').type('xml').send(reportXml()).expect(200);
		});
	}
});
