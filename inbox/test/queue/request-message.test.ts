import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import express from 'express';
import { type DeliveryReport, mm7DeliveryReports, type ReadReply } from 'mm7-delivery-reports';
import { deliveryReportRequest, readReplyRequest } from 'mm7-delivery-reports/testing';
import {
	type QueuedRequest,
	readMessage,
	refusalsMessage,
	reportMessage,
	UnreadableMessage,
} from '../../lib/queue/request-message.js';
import { refusalCount, refusedRequest } from '../support/refusals.js';

type Sent = Pick<ReturnType<typeof deliveryReportRequest>, 'body'> & { readonly headers: Record<string, string> };

/** Sends a request to the middleware and its message through a queue. */
async function receive({ headers, body }: Sent, provider = 'default') {
	let report: DeliveryReport | ReadReply | undefined;
	let message: object | undefined;
	const keep = (received: DeliveryReport | ReadReply, req: express.Request) => {
		report = received;
		message = reportMessage(received, req, provider);
	};
	const app = express().use('/mm7', mm7DeliveryReports(keep, { readReplies: keep }));
	const server = app.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	await (await fetch(`http://127.0.0.1:${port}/mm7`, { method: 'POST', headers, body })).text();
	server.close();
	return { report, message, queued: await readMessage(throughJson(message)) };
}

function throughJson(message: unknown): Record<string, unknown> {
	return JSON.parse(JSON.stringify(message));
}

function reportOf(request: QueuedRequest): DeliveryReport | ReadReply {
	if (request.kind === 'refusals') throw new Error('refused');
	return request.report;
}

describe('a request in the queue', () => {
	it('contains the report with its vendor headers and arrival time', async () => {
		const { headers, body } = deliveryReportRequest();
		const more = { UAProf: 'https://example.net/handset', 'X-Forwarded-For': '192.0.2.7' };
		const { report, message, queued } = await receive({ headers: { ...headers, ...more }, body });
		expect(reportOf(queued)).to.deep.equal(report).and.to.include({ operatorId: '0001234' });
		expect(queued).to.include({ kind: 'delivery-report', remoteAddress: '127.0.0.1', provider: 'default' });
		expect(throughJson(message)['headers']).to.deep.equal({
			'x-mblox-operator-id': '0001234',
			uaprof: 'https://example.net/handset',
		});
	});

	it('contains a read reply', async () => {
		const { report, queued } = await receive(readReplyRequest());
		expect(queued.kind).to.equal('read-reply');
		expect(reportOf(queued)).to.deep.equal(report);
	});

	it('contains the provider', async () => {
		expect((await receive(deliveryReportRequest(), 'vibes')).queued).to.include({ provider: 'vibes' });
	});

	it('contains a report of the maximum size, even in a charset that needs three times as many bytes in UTF-8', async () => {
		const size = 256 * 1024 - deliveryReportRequest({ statusText: '' }).body.length;
		const { body } = deliveryReportRequest({ statusText: '~'.repeat(size) });
		const headers = { 'Content-Type': 'text/xml; charset=windows-874' };
		const { report, queued } = await receive({
			headers,
			body: Buffer.from(Buffer.from(body).map((byte) => (byte === 0x7e ? 0xa1 : byte))),
		});
		expect(reportOf(queued).statusText).to.equal('ก'.repeat(size));
		expect(reportOf(queued)).to.deep.equal(report);
	});

	it('contains refused requests with their bytes, and their counts', async () => {
		const whole = refusedRequest({ body: Buffer.from([0x3c, 0x00, 0xff, 0x0d]) });
		const { httpStatus: _, method: __, path: ___, ...least } = refusedRequest({ body: Buffer.alloc(0) });
		const refusals = { id: 'batch', counts: [refusalCount({ count: 7 })], requests: [whole, least] };
		const queued = await readMessage(throughJson(refusalsMessage(refusals)));
		expect(queued).to.deep.equal({ version: 1, kind: 'refusals', ...refusals });
	});

	it('is readable even if a later release added fields', async () => {
		const { report, message } = await receive(deliveryReportRequest());
		expect(reportOf(await readMessage({ ...throughJson(message), addedLater: true }))).to.deep.equal(report);
	});

	for (const [what, change] of [
		['no fields', () => ({ version: 1 })],
		['an unknown version', (message: object) => ({ ...message, version: 0 })],
		['no time of arrival', (message: object) => ({ ...message, receivedAt: 'yesterday' })],
		['XML that is not a report', (message: object) => ({ ...message, soap: '<broken>' })],
		['bytes', () => Buffer.from('<xml/>')],
		['null', () => null],
	] as const) {
		it(`is unreadable with ${what}`, async () => {
			const { message } = await receive(deliveryReportRequest());
			const error = await readMessage(change(throughJson(message))).catch((reason: unknown) => reason);
			expect(error).to.be.instanceOf(UnreadableMessage);
		});
	}

	it('is kept for an updated worker if its version is newer', async () => {
		const error = await readMessage({ version: 2 }).catch((reason: unknown) => reason);
		expect(error).to.be.an('error').and.not.be.instanceOf(UnreadableMessage);
		expect(error).to.have.property('message', 'the message has version 2; this worker supports 1');
	});
});
