import { once } from 'node:events';
import { expect } from 'chai';
import request from 'supertest';
import type { Exchange } from '../lib/index.js';
import { reportXml } from './support/report.js';
import { app, Exchanges } from './support/server.js';

describe('exchange', () => {
	const send = (application: ReturnType<typeof app>, body = reportXml()) =>
		request(application).post('/mm7').type('xml').send(body);

	for (const [title, sent, expected] of [
		[
			'everything about an accepted report',
			reportXml(),
			{ report: '480000000000000001', envelope: '20260001', error: undefined, httpStatus: 200, statusCode: 1000 },
		],
		[
			'the bytes of an unreadable request',
			'neither XML nor MIME',
			{ report: undefined, envelope: undefined, error: 'ERR_MM7_MIME', httpStatus: 500, statusCode: 2007 },
		],
		[
			'the envelope of an incomplete report',
			reportXml({ elements: { MessageID: undefined } }),
			{ report: undefined, envelope: '20260001', error: 'ERR_MM7_ELEMENT_MISSING', httpStatus: 200, statusCode: 4004 },
		],
	] as const) {
		it(`passes ${title} to the hook, after the response`, async () => {
			const exchanges = new Exchanges();
			await send(app(undefined, { onExchange: exchanges.add }), sent);
			const { body, envelope, report, error, durationMs, ...others } = await exchanges.number(1);
			expect(String(body)).to.equal(sent);
			if (envelope) expect(envelope.xml).to.equal(sent);
			expect(durationMs).to.be.within(0, 10_000);
			expect({
				...others,
				report: report?.messageId,
				envelope: envelope?.transactionId,
				error: error?.code,
			}).to.include({ ...expected, storeError: undefined, duplicate: false, late: false });
		});
	}

	it('passes the request to the hook', async () => {
		const urls: (string | undefined)[] = [];
		const onExchange = (_exchange: Exchange, req: { url?: string | undefined }) => void urls.push(req.url);
		await request(app(undefined, { onExchange })).post('/mm7/sinch').type('xml').send(reportXml()).expect(200);
		expect(urls).to.deep.equal(['/sinch']);
	});

	it('does not report requests passed to next()', async () => {
		const exchanges = new Exchanges();
		const application = app(undefined, { otherOperations: 'next', onExchange: exchanges.add });
		await send(application, reportXml({ operation: 'DeliverReq' })).expect(404);
		await send(application).expect(200);
		await exchanges.number(1);
		expect(exchanges.all.map(({ envelope }) => envelope?.operation)).to.deep.equal(['DeliveryReportReq']);
	});

	for (const [name, reason] of Object.entries({
		'an error': new Error('log disk full'),
		'an object without a text': Object.assign(Object.create(null), { reason: 'log disk full' }),
	})) {
		for (const onExchange of [
			function throws() {
				throw reason;
			},
			function rejects() {
				return Promise.reject(reason);
			},
		]) {
			it(`keeps the response if the hook ${onExchange.name} ${name}, and emits a warning`, async () => {
				const warned = once(process, 'warning');
				await send(app(undefined, { onExchange })).expect(200);
				const [warning] = await warned;
				expect(warning).to.include({ code: 'ERR_MM7_HOOK' });
				expect(warning.message).to.include('log disk full');
			});
		}
	}
});
