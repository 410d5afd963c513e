import { expect } from 'chai';
import { duplicateKey } from 'mm7-delivery-reports';
import { deliveryReportRequest } from 'mm7-delivery-reports/testing';
import request from 'supertest';
import { createApp } from '../../lib/app.js';
import { readConfig } from '../../lib/config.js';
import { ConfirmedPublisher } from '../../lib/confirmed-publisher.js';
import { connect, declareQueues } from '../../lib/connection.js';
import { publishReports } from '../../lib/publish-reports.js';
import { queuesOf, REPORTS } from '../../lib/queues.js';
import { decodeReport } from '../../lib/report-message.js';
import { eventually } from '../support/eventually.js';
import { keptLog } from '../support/kept-log.js';
import { TestRabbitmq } from '../support/rabbitmq.js';
import { reportFields } from '../support/report-fields.js';
import { reportOf } from '../support/reports.js';

const MEBIBYTE = 1024 * 1024;
/** Milliseconds. */
const TIMEOUT = 2_000;

const queues = queuesOf(readConfig({ MAX_QUEUE_BYTES: String(MEBIBYTE) }));

describe('a receiver, with RabbitMQ', () => {
	let server: TestRabbitmq;
	let rabbit: ReturnType<typeof connect>;
	let app: ReturnType<typeof createApp>;
	let log: { msg?: string; err?: { cause?: { message: string } } }[];

	before(async () => {
		server = await TestRabbitmq.start(queues);
	});

	after(() => server?.stop());

	beforeEach(async () => {
		log = [];
		rabbit = connect(server.urls, 'test', keptLog(log));
		const handler = publishReports(new ConfirmedPublisher(rabbit, queues.all), TIMEOUT);
		app = createApp(
			handler,
			rabbit,
			{ mm7: undefined, mm7AllowFrom: undefined, trustProxy: undefined },
			4_000,
			keptLog(log),
		);
	});

	afterEach(async () => {
		rabbit?.unsafeDestroy();
		await server.emptyQueues();
	});

	it('answers 1000 when the report is in the queue, under the key of its copies, with the XML as it came', async () => {
		const { body } = deliveryReportRequest(reportFields(1));

		expect(await post(1)).to.equal('1000');

		const message = await server.connection.basicGet(REPORTS);
		const { key, report, xml } = decodeReport(message?.body);
		expect(message?.messageId)
			.to.equal(key)
			.and.to.equal(duplicateKey(await reportOf(1)));
		expect(message?.durable).to.equal(true);
		expect(report).to.deep.equal({ ...(await reportOf(1)), receivedAt: report.receivedAt });
		expect(xml).to.equal(body.toString());
	});

	it('answers 4006 while the queue is full, drops none of those inside, and takes reports again when there is room', async () => {
		let accepted = 0;
		while ((await post(accepted)) === '1000' && accepted < 5_000) accepted += 1;

		expect(accepted).to.be.within(100, 1_000);
		expect(await server.count(REPORTS)).to.equal(accepted);
		expect(log.at(-1)?.err?.cause?.message).to.equal('the queue mm7.reports is full');
		await server.connection.queuePurge(REPORTS);
		await eventually('room', async () => (await post(1)) === '1000');
	});

	it('answers 4006 in time while RabbitMQ is away, says so at /healthz, and goes on when it is back', async () => {
		const back = server.kill();
		await eventually('the loss of the connection', () => !rabbit.ready);
		await request(app).get('/healthz').expect(503);
		const start = performance.now();

		expect(await post(1)).to.equal('4006');

		expect(performance.now() - start).to.be.below(TIMEOUT + 1_000);
		await back;
		await eventually('the connection', () => rabbit.ready);
		await request(app).get('/healthz').expect(200);
		expect(await post(1)).to.equal('1000');
	});

	it('answers 4006 in time while RabbitMQ stands still', async () => {
		await server.signal('SIGSTOP');
		const start = performance.now();

		const answer = await post(1).finally(() => server.signal('SIGCONT'));

		expect(answer).to.equal('4006');
		expect(performance.now() - start).to.be.within(TIMEOUT, TIMEOUT + 1_000);
	});

	it('answers 4006 while the disk of RabbitMQ has no room, and goes on when it has', async () => {
		await server.control('set_disk_free_limit', '1000000GB');

		expect(await post(1)).to.equal('4006');

		await eventually('the news', () => !rabbit.ready);
		await request(app).get('/healthz').expect(503);
		await server.control('set_disk_free_limit', '1MB');
		await eventually('room', async () => (await post(2)) === '1000');
	});

	it('acknowledges nothing that no queue took, and makes a missing queue', async () => {
		await server.connection.queueDelete(REPORTS);

		expect(await post(1)).to.equal('1000');

		expect(await server.count(REPORTS)).to.equal(1);
	});

	it('says in one line what to do where the queue was made with other values', async () => {
		const others = queuesOf(readConfig({ MAX_ATTEMPTS: '7' })).all;

		const failure = await declareQueues(rabbit, others).then(
			() => undefined,
			(error: Error) => error,
		);

		expect(failure?.message).to.match(
			/^The queue mm7\.reports was made with another .*MAX_ATTEMPTS: set it as it was.*$/,
		);
	});

	/** The StatusCode of the answer. */
	async function post(index: number): Promise<string | undefined> {
		const { headers, body } = deliveryReportRequest(reportFields(index));
		const { text } = await request(app).post('/mm7').set(headers).send(body);
		return /<StatusCode>(\d+)/.exec(text)?.[1];
	}
});
