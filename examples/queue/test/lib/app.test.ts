import { expect } from 'chai';
import type { Handler } from 'mm7-delivery-reports';
import { deliveryReportRequest } from 'mm7-delivery-reports/testing';
import request from 'supertest';
import { createApp } from '../../lib/app.js';
import { publishReports } from '../../lib/publish-reports.js';

const UP = { isUp: true, whenUp: async () => {} };

type Publish = Parameters<typeof publishReports>[0]['publish'];

describe('app', () => {
	it('answers 1000 after JetStream has stored the report, and not before', async () => {
		const order: string[] = [];
		const app = appThat(async () => {
			await new Promise(setImmediate);
			order.push('stored');
			return stored;
		});

		const answer = await post(app);
		order.push('answered');

		expect(answer.status).to.equal(200);
		expect(answer.text).to.include('<StatusCode>1000</StatusCode>');
		expect(order).to.deep.equal(['stored', 'answered']);
	});

	it('answers 500 when JetStream refuses, and tells the provider nothing of the reason', async () => {
		const log = silenceErrors();
		const app = createApp(
			() => {
				throw new Error('maximum bytes exceeded');
			},
			UP,
			1_000,
		);

		const answer = await post(app).finally(log.restore);

		expect(answer.status).to.equal(500);
		expect(answer.text).to.not.include('maximum bytes');
		expect(log.lines.join()).to.match(/answered 500, ERR_MM7_HANDLER_FAILED: maximum bytes exceeded/);
	});

	it('answers 500 when JetStream does not acknowledge in time', async () => {
		const log = silenceErrors();
		const answer = await post(appThat(() => new Promise(() => {}), 100)).finally(log.restore);

		expect(answer.status).to.equal(500);
	});

	it('says at /health whether reports can be stored', async () => {
		const connection = { isUp: true };
		const app = createApp(async () => {}, connection, 1_000);

		await request(app).get('/health').expect(200, { nats: 'connected' });
		connection.isUp = false;
		await request(app).get('/health').expect(503, { nats: 'away' });
	});
});

const stored: Awaited<ReturnType<Publish>> = { stream: 'MM7_REPORTS', seq: 1, duplicate: false, domain: '' };

function appThat(publish: Publish, handlerTimeout = 1_000) {
	const handler: Handler = publishReports({ publish }, UP, handlerTimeout / 2);
	return createApp(handler, UP, handlerTimeout);
}

async function post(app: ReturnType<typeof createApp>) {
	const { headers, body } = deliveryReportRequest();
	return await request(app).post('/mm7').set(headers).send(body);
}

function silenceErrors() {
	const { error } = console;
	const lines: string[] = [];
	console.error = (line: string) => lines.push(line);
	return {
		lines,
		restore() {
			console.error = error;
		},
	};
}
