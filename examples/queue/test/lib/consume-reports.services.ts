import { expect } from 'chai';
import { readConfig } from '../../lib/config.js';
import { ConfirmedPublisher } from '../../lib/confirmed-publisher.js';
import { connect } from '../../lib/connection.js';
import { type Consuming, consumeReports, type HandleReport } from '../../lib/consume-reports.js';
import { listDeadLetters, replayDeadLetters } from '../../lib/dead-letters.js';
import { DEAD_LETTERS, queuesOf, REPORTS } from '../../lib/queues.js';
import { encodeReport } from '../../lib/report-message.js';
import { eventually } from '../support/eventually.js';
import { keptLog } from '../support/kept-log.js';
import { TestRabbitmq } from '../support/rabbitmq.js';
import { reportOf } from '../support/reports.js';

const config = readConfig({ MAX_ATTEMPTS: '3', BACKOFF_MS: '20' });
const queues = queuesOf(config);
const { reports } = queues;

describe('a worker, with RabbitMQ', () => {
	let server: TestRabbitmq;
	let rabbit: ReturnType<typeof connect>;
	let publisher: ConfirmedPublisher;
	let consuming: Consuming | undefined;
	let log: { msg?: string; attempt?: number; key?: string }[];

	before(async () => {
		server = await TestRabbitmq.start(queues);
	});

	after(() => server?.stop());

	beforeEach(async () => {
		log = [];
		rabbit = connect(server.urls, 'test', keptLog(log));
		publisher = new ConfirmedPublisher(rabbit, queues.all);
		consuming = undefined;
	});

	afterEach(async () => {
		await consuming?.stop();
		rabbit?.unsafeDestroy();
		await server.emptyQueues();
	});

	it('hands a report over again, after growing pauses, when handling it failed', async () => {
		await put(1);
		const attempts: number[] = [];

		consume(async () => {
			attempts.push(performance.now());
			if (attempts.length < 3) throw new Error('no such account');
		});
		await eventually('the last attempt', () => attempts.length === 3);
		await consuming?.stop();

		const [first = 0, second = 0, third = 0] = attempts;
		expect(second - first).to.be.at.least(19);
		expect(third - second).to.be.at.least(39);
		expect(await counts()).to.deep.equal({ reports: 0, deadLetters: 0 });
		expect(log.filter(({ attempt }) => attempt !== undefined).map(({ attempt }) => attempt)).to.deep.equal([1, 2]);
	});

	it('gives up a report that fails at every attempt: it becomes a dead letter', async () => {
		await put(1);
		let attempts = 0;

		consume(async () => {
			attempts += 1;
			throw new Error('no such account');
		});
		await eventually('the dead letter', async () => (await server.count(DEAD_LETTERS)) === 1);

		expect(attempts).to.equal(3);
		const [letter] = await listDeadLetters(rabbit, 10);
		expect(letter).to.deep.include({ key: 'key-1', reason: 'delivery_limit', mmStatus: 'Retrieved' });
		expect(letter?.died?.getTime()).to.be.closeTo(Date.now(), 60_000);
	});

	it('gives up at once what can never be read, and goes on', async () => {
		await publisher.publish(REPORTS, 'bad', { version: 1 }, 2_000);
		await put(1);
		const handled: string[] = [];

		consume(async ({ key }) => void handled.push(key));
		await eventually('the dead letter', async () => (await server.count(DEAD_LETTERS)) === 1);
		await eventually('the other report', () => handled.length > 0);

		expect(handled).to.deep.equal(['key-1']);
		expect((await listDeadLetters(rabbit, 10))[0]).to.include({ key: 'bad', reason: 'rejected' });
	});

	it('takes a report over from a worker that died, at once', async () => {
		await put(1);
		const dying = connect(server.urls, 'dying', keptLog());
		const begun = new Promise<void>((resolve) => {
			consumeReports(dying, reports, () => new Promise(() => resolve()), config, keptLog());
		});
		await begun;

		dying.unsafeDestroy();
		const handled = new Promise<string>((resolve) => {
			consume(async ({ key }) => resolve(key));
		});

		expect(await handled).to.equal('key-1');
	});

	it('does not let the pauses of some reports hold up what it does after RabbitMQ was away', async () => {
		await put(1);
		let failures = 0;
		const patient = { ...config, BACKOFF_MS: 600_000, MAX_BACKOFF_MS: 600_000 };
		const handled: string[] = [];
		consuming = consumeReports(
			rabbit,
			reports,
			async ({ key }) => {
				if (key === 'key-1' && ++failures === 1) throw new Error('the first attempt fails');
				handled.push(key);
			},
			patient,
			keptLog(log),
		);
		await eventually('the failure', () => failures === 1);

		await server.kill();
		await put(2);

		await eventually('both reports', () => handled.length === 2);
		expect(handled).to.have.members(['key-1', 'key-2']);
	});

	it('ends what it has in hand before it stops, and gives back what waits for its next attempt', async () => {
		await put(1);
		await put(2);
		let finish = () => {};
		const finished = new Promise<void>((resolve) => {
			finish = resolve;
		});
		const begun: string[] = [];
		consuming = consumeReports(
			rabbit,
			reports,
			async ({ key }) => {
				begun.push(key);
				if (key === 'key-2') throw new Error('later');
				await finished;
			},
			{ ...config, BACKOFF_MS: 600_000, MAX_BACKOFF_MS: 600_000 },
			keptLog(log),
		);
		await eventually('both', () => begun.length === 2);

		const stopped = consuming.stop();
		finish();
		await stopped;

		expect(await counts()).to.deep.equal({ reports: 1, deadLetters: 0 });
	});

	it('puts dead letters back into the queue, and starts counting anew', async () => {
		await put(1);
		let isBroken = true;
		let attempts = 0;
		consume(async () => {
			attempts += 1;
			if (isBroken || attempts < 5) throw new Error('broken');
		});
		await eventually('the dead letter', async () => (await server.count(DEAD_LETTERS)) === 1);
		isBroken = false;
		let replayed = 0;

		await replayDeadLetters(rabbit, publisher, 2_000, () => {
			replayed += 1;
		});
		await eventually('the attempt that succeeds', () => attempts === 5);
		await consuming?.stop();

		expect(replayed).to.equal(1);
		expect(await counts()).to.deep.equal({ reports: 0, deadLetters: 0 });
	});

	it('keeps dead letters through any number of looks', async () => {
		await publisher.publish(DEAD_LETTERS, 'key-1', { version: 1 }, 2_000);

		for (let look = 1; look <= 25; look += 1) {
			// what a look before has given back comes a moment later
			await eventually('the dead letter', async () => (await listDeadLetters(rabbit, 10)).length === 1);
		}

		await eventually('the dead letter', async () => (await server.count(DEAD_LETTERS)) === 1);
	});

	function consume(handle: HandleReport) {
		consuming = consumeReports(rabbit, reports, handle, config, keptLog(log));
	}

	async function put(index: number): Promise<void> {
		const key = `key-${index}`;
		await publisher.publish(REPORTS, key, encodeReport({ key, report: await reportOf(index), xml: '' }), 10_000);
	}

	async function counts() {
		return { reports: await server.count(REPORTS), deadLetters: await server.count(DEAD_LETTERS) };
	}
});
