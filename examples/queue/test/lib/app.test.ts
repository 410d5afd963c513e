import { expect } from 'chai';
import { deliveryReportRequest } from 'mm7-delivery-reports/testing';
import request from 'supertest';
import { type AccessConfig, createApp } from '../../lib/app.js';
import { QueueFull } from '../../lib/confirmed-publisher.js';
import { publishReports } from '../../lib/publish-reports.js';
import { keptLog } from '../support/kept-log.js';

const OPEN: AccessConfig = { mm7: undefined, mm7AllowFrom: undefined, trustProxy: undefined };

type Publish = Parameters<typeof publishReports>[0]['publish'];

describe('app', () => {
	let log: object[];

	beforeEach(() => {
		log = [];
	});

	it('answers 1000 after RabbitMQ has confirmed the report, and not before', async () => {
		const order: string[] = [];
		const app = appThat(async () => {
			await new Promise(setImmediate);
			order.push('confirmed');
		});

		const answer = await post(app);
		order.push('answered');

		expect(answer.status).to.equal(200);
		expect(answer.text).to.include('<StatusCode>1000</StatusCode>');
		expect(order).to.deep.equal(['confirmed', 'answered']);
	});

	it('answers 500 and 4006 when the queue is full, and tells the reason to the log alone', async () => {
		const app = appThat(() => Promise.reject(new QueueFull('the queue is full')));

		const answer = await post(app);

		expect(answer.status).to.equal(500);
		expect(answer.text).to.include('<StatusCode>4006</StatusCode>').and.not.include('full');
		expect(JSON.stringify(log)).to.include('the queue is full');
	});

	it('asks for the credentials that the inbox is configured with', async () => {
		const access = { ...OPEN, mm7: { user: 'sinch', password: 'secret' } };
		const { headers, body } = deliveryReportRequest();
		const send = (app: ReturnType<typeof createApp>) => request(app).post('/mm7').set(headers);
		const app = appThat(async () => {}, access);

		expect((await send(app).send(body)).status).to.equal(401);
		expect((await send(app).auth('sinch', 'secret').send(body)).status).to.equal(200);
	});

	it('says at /healthz whether reports can be stored', async () => {
		const rabbit = { ready: true };
		const app = createApp(async () => {}, rabbit, OPEN, 1_000, keptLog());

		await request(app).get('/healthz').expect(200, { status: 'ok' });
		rabbit.ready = false;
		await request(app).get('/healthz').expect(503, { status: 'RabbitMQ takes no messages' });
	});

	it('writes one line for a report, whatever it holds, without telephone numbers', async () => {
		const messageId = '48"\n{"msg":"forged"}\u009b31m';
		const { headers, body } = deliveryReportRequest({ messageId, recipient: '12015550123' });

		await request(appThat(async () => {}))
			.post('/mm7')
			.set(headers)
			.send(body)
			.expect(200);

		expect(log).to.have.length(1);
		expect(log[0]).to.include({ msg: 'report acknowledged', messageId });
		expect(JSON.stringify(log)).to.not.include('12015550123');
	});

	function appThat(publish: Publish, access = OPEN) {
		return createApp(publishReports({ publish }, 500), { ready: true }, access, 1_000, keptLog(log));
	}
});

async function post(app: ReturnType<typeof createApp>) {
	const { headers, body } = deliveryReportRequest();
	return await request(app).post('/mm7').set(headers).send(body);
}
