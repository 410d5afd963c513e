import { expect } from 'chai';
import { makeInbox } from '../../lib/app.js';
import { readConfig } from '../../lib/config.js';
import { makeLogger } from '../../lib/log.js';
import { connect, declareQueues } from '../../lib/queue/connection.js';
import { openQueue, type Queue } from '../../lib/queue/queue.js';
import { DEAD_LETTERS, queuesOf, REQUESTS } from '../../lib/queue/queues.js';
import { eventually } from '../support/eventually.js';
import { Rabbitmq } from '../support/rabbitmq.js';
import { readReplyXml, reportXml, sendReport } from '../support/report-request.js';
import { LogLines, type Served, serve } from '../support/serve.js';

/** How long a receiver waits for RabbitMQ. */
const TIMEOUT_MS = 4_000;

describe('a receiver, with RabbitMQ', () => {
	let server: Rabbitmq;
	let observer: ReturnType<typeof connect>;
	let queue: Queue;
	let served: Served;
	let log: LogLines;

	const env = () => ({ RABBITMQ_URL: server.urls.join(','), QUEUE_MAX_BYTES: '1048576' });
	const config = () => readConfig({ PORT: '0', ...env() });
	const queueConfig = () => config().queue as NonNullable<ReturnType<typeof config>['queue']>;

	before(async () => {
		server = await Rabbitmq.start(1, { maxBytes: 1_048_576, maxAttempts: 100 });
		observer = connect(server.urls, 'test', makeLogger('silent'));
	});
	after(async () => {
		observer?.unsafeDestroy();
		await server?.stop();
	});

	beforeEach(async () => {
		log = new LogLines();
		const logger = makeLogger('info', log);
		queue = openQueue(queueConfig(), 'test', logger, () => {});
		served = await serve(makeInbox(config(), { role: 'receive', queue }, logger).app);
	});
	afterEach(async () => {
		await served.close();
		queue.close();
		for (const name of [REQUESTS, DEAD_LETTERS]) await observer.queuePurge(name);
	});

	const post = async (xml = reportXml()) => (await sendReport(served.url, xml)).statusCode;
	const health = async () => (await fetch(`${served.url}/healthz`)).status;
	const waiting = async () => (await observer.queueDeclare({ queue: REQUESTS, passive: true })).messageCount;

	it('acknowledges a report only once it is in the queue, with a key that its copies share', async () => {
		const xml = reportXml();
		expect(await post(xml)).to.equal(1000);
		expect(await post(xml)).to.equal(1000);
		const [first, copy] = [await observer.basicGet(REQUESTS), await observer.basicGet(REQUESTS)];
		expect(first).to.include({ durable: true, messageId: copy?.messageId });
		expect(first?.body).to.include({ version: 1, kind: 'delivery-report', soap: xml });
	});

	it('puts read replies and refused requests into the queue too', async () => {
		expect(await post(readReplyXml())).to.equal(1000);
		await post('<broken>');
		expect((await observer.basicGet(REQUESTS))?.body).to.include({ kind: 'read-reply' });
		await eventually('the refused request', async () => (await waiting()) === 1);
		const message = (await observer.basicGet(REQUESTS))?.body;
		expect(message).to.include({ kind: 'refusals' });
		expect(message.requests[0]).to.include({ reason: 'ERR_MM7_XML' });
	});

	it('responds with 4006 while the queue is full, and loses nothing in it', async () => {
		let accepted = 0;
		while ((await post()) === 1000 && accepted < 5_000) accepted += 1;
		expect(accepted).to.be.within(100, 2_000);
		expect(await waiting()).to.equal(accepted);
		expect(log.lines.at(-1)).to.include('the queue mm7.requests is full');
		await observer.queuePurge(REQUESTS);
		await eventually('room', async () => (await post()) === 1000);
	});

	it('responds with 4006 in time while RabbitMQ is down, and with 503 at /healthz, and recovers', async () => {
		server.signal(0, 'SIGKILL');
		await eventually('the loss of the connection', async () => (await health()) === 503);
		const start = performance.now();
		expect(await post()).to.equal(4006);
		expect(performance.now() - start).to.be.below(TIMEOUT_MS + 1_000);
		await server.restart(0);
		await eventually('the connection', async () => (await health()) === 200);
		expect(await post()).to.equal(1000);
		await eventually('the connection of the test', async () => (await waiting()) > 0);
	});

	it('responds with 4006 in time while RabbitMQ hangs', async () => {
		server.signal(0, 'SIGSTOP');
		const start = performance.now();
		const statusCode = await post().finally(() => server.signal(0, 'SIGCONT'));
		expect(statusCode).to.equal(4006);
		expect(performance.now() - start).to.be.within(TIMEOUT_MS, TIMEOUT_MS + 1_000);
	});

	it('responds with 4006 while the disk of RabbitMQ is full, and recovers', async () => {
		await server.control('set_disk_free_limit', '1000000GB');
		expect(await post()).to.equal(4006);
		await eventually('the news', async () => (await health()) === 503);
		await server.control('set_disk_free_limit', '1MB');
		await eventually('room', async () => (await post()) === 1000);
	});

	it('creates a missing queue before it acknowledges a report', async () => {
		await observer.queueDelete(REQUESTS);
		expect(await post()).to.equal(1000);
		expect(await waiting()).to.equal(1);
	});

	it('explains in one line what to do if the queue was created with different settings', async () => {
		const others = queuesOf({ ...queueConfig(), maxAttempts: 7 }).all;
		const failure = await declareQueues(observer, others).catch((error: Error) => error);
		expect(failure)
			.to.have.property('message')
			.that.matches(/^The queue mm7\.requests was created with another .*QUEUE_MAX_ATTEMPTS: restore the old value.*$/);
	});
});
