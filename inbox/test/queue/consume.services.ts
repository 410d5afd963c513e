import { expect } from 'chai';
import { makeLogger } from '../../lib/log.js';
import { ConfirmedPublisher } from '../../lib/queue/confirmed-publisher.js';
import { connect } from '../../lib/queue/connection.js';
import { type Consuming, consume, type HandleRequest } from '../../lib/queue/consume.js';
import { listDeadLetters, replayDeadLetters } from '../../lib/queue/dead-letters.js';
import { DEAD_LETTERS, queuesOf, REQUESTS } from '../../lib/queue/queues.js';
import { reportMessage } from '../../lib/queue/request-message.js';
import { eventually } from '../support/eventually.js';
import { Rabbitmq } from '../support/rabbitmq.js';
import { report, reportXml } from '../support/report-request.js';
import { LogLines } from '../support/serve.js';

const SETTINGS = { maxBytes: 1_073_741_824, maxAttempts: 3 };
const queues = queuesOf(SETTINGS);
const silent = makeLogger('silent');

describe('a worker, with RabbitMQ', () => {
	let server: Rabbitmq;
	let rabbit: ReturnType<typeof connect>;
	let publisher: ConfirmedPublisher;
	let consuming: Consuming | undefined;
	let log: LogLines;

	before(async () => {
		server = await Rabbitmq.start(1, SETTINGS);
	});
	after(() => server?.stop());

	beforeEach(() => {
		log = new LogLines();
		rabbit = connect(server.urls, 'test', silent);
		publisher = new ConfirmedPublisher(rabbit, queues.all);
		consuming = undefined;
	});
	afterEach(async () => {
		await consuming?.stop();
		for (const name of [REQUESTS, DEAD_LETTERS]) await rabbit.queuePurge(name);
		rabbit.unsafeDestroy();
	});

	function work(handle: HandleRequest, backoffMs = 20): void {
		consuming = consume(rabbit, queues.requests, handle, { prefetch: 250, backoffMs }, makeLogger('info', log));
	}

	async function put(key: string): Promise<void> {
		const mm7Envelope = { xml: reportXml({ mmStatus: 'Retrieved' }) };
		const message = reportMessage(await report(), { headers: {}, mm7Envelope } as never, 'default');
		await publisher.publish(REQUESTS, key, message, 10_000);
	}

	async function count(queue: string): Promise<number> {
		return (await rabbit.queueDeclare({ queue, passive: true })).messageCount;
	}

	const deadLetter = () => eventually('the dead letter', async () => (await count(DEAD_LETTERS)) === 1);

	it('retries a failed request with increasing delays', async () => {
		await put('one');
		const attempts: number[] = [];
		work(async () => {
			attempts.push(performance.now());
			if (attempts.length < 3) throw new Error('no such account');
		});
		await eventually('the last attempt', () => attempts.length === 3);
		await consuming?.stop();

		const [first = 0, second = 0, third = 0] = attempts;
		expect(second - first).to.be.at.least(19);
		expect(third - second).to.be.at.least(39);
		expect([await count(REQUESTS), await count(DEAD_LETTERS)]).to.deep.equal([0, 0]);
		const logged = log.lines.map((line) => JSON.parse(line).attempt).filter((attempt) => attempt !== undefined);
		expect(logged).to.deep.equal([1, 2]);
	});

	it('makes a request that fails on every attempt a dead letter', async () => {
		await put('one');
		let attempts = 0;
		work(async () => {
			attempts += 1;
			throw new Error('no such account');
		});
		await deadLetter();
		expect(attempts).to.equal(3);
		const [letter] = await listDeadLetters(rabbit, 10);
		expect(letter).to.deep.include({ key: 'one', reason: 'delivery_limit', mmStatus: 'Retrieved' });
		expect(letter?.died?.getTime()).to.be.closeTo(Date.now(), 60_000);
	});

	it('makes an unreadable message a dead letter immediately, and continues', async () => {
		await publisher.publish(REQUESTS, 'bad', { version: 1 }, 2_000);
		await put('one');
		const handled: (string | undefined)[] = [];
		work(async (_request, key) => void handled.push(key));
		await deadLetter();
		await eventually('the other request', () => handled.length > 0);
		expect(handled).to.deep.equal(['one']);
		expect((await listDeadLetters(rabbit, 10))[0]).to.include({ key: 'bad', reason: 'rejected' });
	});

	it('immediately takes over the requests of a worker that died', async () => {
		await put('one');
		const dying = connect(server.urls, 'dying', silent);
		await new Promise<void>((resolve) => {
			consume(dying, queues.requests, () => new Promise(() => resolve()), { prefetch: 250 }, silent);
		});
		dying.unsafeDestroy();
		const handled = await new Promise((resolve) => work(async (_request, key) => resolve(key)));
		expect(handled).to.equal('one');
	});

	it('is not delayed by requests waiting for their next attempt after RabbitMQ was down', async () => {
		await put('one');
		let failures = 0;
		const handled: (string | undefined)[] = [];
		work(async (_request, key) => {
			if (key === 'one' && ++failures === 1) throw new Error('the first attempt fails');
			handled.push(key);
		}, 600_000);
		await eventually('the failure', () => failures === 1);
		await server.restart(0);
		await put('two');
		await eventually('both requests', () => handled.length === 2);
		expect(handled).to.have.members(['one', 'two']);
	});

	it('finishes its requests before it stops, and returns those waiting for their next attempt to the queue', async () => {
		await put('one');
		await put('two');
		let finish = () => {};
		const finished = new Promise<void>((resolve) => {
			finish = resolve;
		});
		const begun: (string | undefined)[] = [];
		work(async (_request, key) => {
			begun.push(key);
			if (key === 'two') throw new Error('later');
			await finished;
		}, 600_000);
		await eventually('both', () => begun.length === 2);

		const stopped = consuming?.stop();
		finish();
		await stopped;
		expect([await count(REQUESTS), await count(DEAD_LETTERS)]).to.deep.equal([1, 0]);
	});

	it('receives replayed dead letters, with the attempts counted from zero', async () => {
		await put('one');
		let isBroken = true;
		let attempts = 0;
		work(async () => {
			attempts += 1;
			if (isBroken || attempts < 5) throw new Error('broken');
		});
		await deadLetter();
		isBroken = false;
		let replayed = 0;
		await replayDeadLetters(rabbit, publisher, () => {
			replayed += 1;
		});
		await eventually('the attempt that succeeds', () => attempts === 5);
		await consuming?.stop();
		expect(replayed).to.equal(1);
		expect([await count(REQUESTS), await count(DEAD_LETTERS)]).to.deep.equal([0, 0]);
	});

	it('keeps dead letters, however often they are listed', async () => {
		await publisher.publish(DEAD_LETTERS, 'one', { version: 1 }, 2_000);
		for (let look = 1; look <= 25; look += 1) {
			// the letter comes back a moment after the previous list
			await eventually('the dead letter', async () => (await listDeadLetters(rabbit, 10)).length === 1);
		}
		await deadLetter();
	});
});
