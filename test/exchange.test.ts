import { once } from 'node:events';
import { expect } from 'chai';
import request from 'supertest';
import type { Exchange } from '../lib/index.js';
import { reportXml } from './support/report.js';
import { app, Exchanges } from './support/server.js';

describe('exchange', () => {
	const send = (application: ReturnType<typeof app>, body = reportXml()) =>
		request(application).post('/mm7').type('xml').send(body);

	it('passes everything about an accepted report to the hook, after its response', async () => {
		const exchanges = new Exchanges();
		const xml = reportXml();
		await send(app(undefined, { onExchange: exchanges.add }), xml).expect(200);
		const exchange = await exchanges.number(1);
		expect(exchange.body?.toString()).to.equal(xml);
		expect(exchange.envelope?.xml).to.equal(xml);
		expect(exchange.report?.messageId).to.equal('480000000000000001');
		expect(exchange.durationMs).to.be.within(0, 10_000);
		expect(exchange).to.include({
			error: undefined,
			storeError: undefined,
			httpStatus: 200,
			statusCode: 1000,
			duplicate: false,
			late: false,
		});
	});

	it('passes the request to the hook', async () => {
		let url: string | undefined;
		const onExchange = (_exchange: Exchange, req: { url?: string | undefined }) => {
			url = req.url;
		};
		await request(app(undefined, { onExchange })).post('/mm7/sinch').type('xml').send(reportXml()).expect(200);
		expect(url).to.equal('/sinch');
	});

	it('passes the bytes of an unreadable request to the hook', async () => {
		const exchanges = new Exchanges();
		await send(app(undefined, { onExchange: exchanges.add }), 'neither XML nor MIME').expect(500);
		const exchange = await exchanges.number(1);
		expect(exchange.body?.toString()).to.equal('neither XML nor MIME');
		expect(exchange.error?.code).to.equal('ERR_MM7_MIME');
		expect(exchange).to.include({ report: undefined, envelope: undefined });
	});

	it('passes the envelope of an incomplete report to the hook', async () => {
		const exchanges = new Exchanges();
		const xml = reportXml({ elements: { MessageID: undefined } });
		await send(app(undefined, { onExchange: exchanges.add }), xml).expect(200);
		const exchange = await exchanges.number(1);
		expect(exchange.envelope?.transactionId).to.equal('20260001');
		expect(exchange.report).to.equal(undefined);
		expect(exchange.error?.message).to.match(/MessageID is missing/);
	});

	it('does not report requests passed to next()', async () => {
		const exchanges = new Exchanges();
		const application = app(undefined, { otherOperations: 'next', onExchange: exchanges.add });
		await send(application, reportXml({ operation: 'DeliverReq' })).expect(404);
		await send(application).expect(200);
		await exchanges.number(1);
		expect(exchanges.all.map(({ envelope }) => envelope?.operation)).to.deep.equal(['DeliveryReportReq']);
	});

	for (const [name, onExchange] of [
		[
			'throws',
			() => {
				throw new Error('log disk full');
			},
		],
		['rejects', async () => Promise.reject(new Error('log disk full'))],
		[
			'throws something without a text',
			() => {
				throw Object.assign(Object.create(null), { reason: 'log disk full' });
			},
		],
	] as const) {
		it(`keeps the response if the hook ${name}, and emits a warning`, async () => {
			const warned = once(process, 'warning');
			await send(app(undefined, { onExchange })).expect(200);
			const [warning] = await warned;
			expect(warning).to.include({ code: 'ERR_MM7_HOOK' });
			expect(warning.message).to.include('log disk full');
		});
	}
});
