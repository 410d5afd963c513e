import { cp, rename, rm } from 'node:fs/promises';
import { expect } from 'chai';
import { duplicateKey } from 'mm7-delivery-reports';
import type { Config } from '../../lib/config.js';
import { type Connection, connectToNats } from '../../lib/connection.js';
import { consumeReports, type HandleReport } from '../../lib/consume-reports.js';
import { DELIVERIES_HEADER, REASON_HEADER } from '../../lib/dead-letters.js';
import { applyEffect } from '../../lib/effects.js';
import { decodeReport, encodeReport } from '../../lib/report-message.js';
import { replayDeadLetters, requeueLeftovers } from '../../lib/requeue.js';
import { DEAD_LETTERS, prepareQueue, type Queue, REPORTS, REPORTS_SUBJECT, WORKERS } from '../../lib/streams.js';
import { eventually } from '../support/eventually.js';
import { TestNats } from '../support/nats.js';
import { reportOf } from '../support/reports.js';

describe('consumeReports, with NATS', () => {
	let server: TestNats;
	let config: Config;
	let connection: Connection;
	let queue: Queue;
	let stopping: AbortController;
	let consuming: Promise<void> | undefined;

	beforeEach(async () => {
		server = await TestNats.start();
		config = server.config({ ACK_WAIT_MS: '500', MAX_ATTEMPTS: '3', BACKOFF_MS: '20' });
		connection = await connectToNats(config, 'test');
		queue = await prepareQueue(connection.nats, config);
		stopping = new AbortController();
		consuming = undefined;
	});

	afterEach(async () => {
		stopping.abort();
		await consuming;
		await connection?.nats.close();
		await server?.stop();
	});

	it('does not repeat an effect whose worker died before the ack', async () => {
		const key = await put(1);
		await dyingWorker(async (data) => void (await applyEffect(queue.effects, decodeReport(data))));
		const outcomes: boolean[] = [];

		consume(async (message) => void outcomes.push(await applyEffect(queue.effects, message)));
		await isEmpty();

		expect(outcomes).to.deep.equal([false]);
		expect((await queue.effects.get(key))?.json()).to.include({ messageId: (await reportOf(1)).messageId });
		expect((await queue.effects.status()).values).to.equal(1);
	});

	it('handles a report whose worker died before the effect', async () => {
		await put(1);
		await dyingWorker(async () => {});
		const outcomes: boolean[] = [];

		consume(async (message) => void outcomes.push(await applyEffect(queue.effects, message)));
		await isEmpty();

		expect(outcomes).to.deep.equal([true]);
	});

	it('hands a report over again, after a pause, when handling it failed', async () => {
		await put(1);
		const attempts: number[] = [];

		consume(async () => {
			attempts.push(performance.now());
			if (attempts.length < 3) throw new Error('the database is away');
		});
		await isEmpty();

		const [first = 0, second = 0, third = 0] = attempts;
		expect(attempts).to.have.length(3);
		expect(second - first).to.be.at.least(15);
		expect(third - second).to.be.at.least(35);
		expect(await deadLetters()).to.equal(0);
	});

	it('makes a dead letter of a report that fails at every attempt', async () => {
		await put(1);
		let attempts = 0;

		consume(async () => {
			attempts += 1;
			throw new Error('no such\naccount');
		});
		await isEmpty();

		const letter = await queue.manager.streams.getMessage(DEAD_LETTERS, { seq: 1 });
		expect(attempts).to.equal(3);
		expect(letter?.subject).to.equal('mm7.dead-letters.delivered');
		expect(letter?.header.get(REASON_HEADER)).to.equal('no such account');
		expect(letter?.header.get(DELIVERIES_HEADER)).to.equal('3');
		expect(decodeReport(letter?.string() ?? '').report).to.deep.include({ messageId: (await reportOf(1)).messageId });
	});

	it('makes a dead letter of a report that killed its worker at every attempt, without a further one', async () => {
		await put(1);
		for (let attempt = 1; attempt <= 3; attempt += 1) await dyingWorker(async () => {});
		let attempts = 0;

		consume(async () => {
			attempts += 1;
		});
		await isEmpty();

		const letter = await queue.manager.streams.getMessage(DEAD_LETTERS, { seq: 1 });
		expect(attempts).to.equal(0);
		expect(letter?.header.get(REASON_HEADER)).to.equal('no worker survived it in 3 attempts');
	});

	it('makes a dead letter of an unreadable message at once, and goes on', async () => {
		await queue.jetstream.publish(`${REPORTS_SUBJECT}.unknown`, 'no report');
		await put(1);
		const handled: string[] = [];

		consume(async ({ report }) => void handled.push(report.messageId));
		await isEmpty();

		const letter = await queue.manager.streams.getMessage(DEAD_LETTERS, { seq: 1 });
		expect(handled).to.deep.equal([(await reportOf(1)).messageId]);
		expect(letter?.header.get(REASON_HEADER)).to.equal('the message is no JSON');
		expect(letter?.header.get(DELIVERIES_HEADER)).to.equal('1');
	});

	it('puts dead letters back into the queue, within the duplicate window too', async () => {
		const key = await put(1);
		let isBroken = true;
		consume(async (message) => {
			if (isBroken) throw new Error('the database is away');
			await applyEffect(queue.effects, message);
		});
		await eventually('the dead letter', async () => (await deadLetters()) === 1);
		isBroken = false;

		expect(await replayDeadLetters(queue)).to.equal(1);
		await isEmpty();

		expect(await queue.effects.get(key)).to.not.equal(null);
		expect(await deadLetters()).to.equal(0);
		expect(await replayDeadLetters(queue)).to.equal(0);
	});

	it('goes on after nats-server was killed', async () => {
		const handled: string[] = [];
		consume(async ({ report }) => void handled.push(report.messageId));
		await put(1);
		await isEmpty();

		await server.kill();
		server.restart();
		await connectionIsBack();
		await put(2);
		await isEmpty();

		expect(handled).to.deep.equal([(await reportOf(1)).messageId, (await reportOf(2)).messageId]);
	});

	it('does not repeat an effect for a copy that comes after nats-server has forgotten the report', async () => {
		const outcomes: boolean[] = [];
		consume(async (message) => void outcomes.push(await applyEffect(queue.effects, message)));
		await put(1);
		await isEmpty();

		// message ids are read back from the messages in the stream, and this one is gone
		await server.kill();
		server.restart();
		await connectionIsBack();
		await put(1);
		await isEmpty();

		expect(outcomes).to.deep.equal([true, false]);
		expect((await queue.effects.status()).values).to.equal(1);
	});

	it('hands over again what nats-server takes for handled, but kept when it was killed', async () => {
		const messages = server.messagesDir(REPORTS);
		await put(1);
		await put(2);
		await restartServer(() => cp(messages, `${messages}.before`, { recursive: true }));
		const handled: string[] = [];
		consume(async ({ report }) => void handled.push(report.messageId));
		await isEmpty();
		await eventually('the acks', async () => (await ackFloor()) === 2);
		await restartServer(async () => {
			await rm(messages, { recursive: true });
			await rename(`${messages}.before`, messages);
		});
		expect((await queue.manager.streams.info(REPORTS)).state.messages).to.equal(2);
		expect(await ackFloor()).to.equal(2);

		const leftovers = requeueLeftovers(queue, 100, stopping.signal);
		await isEmpty();
		stopping.abort();
		await leftovers;

		const ids = [(await reportOf(1)).messageId, (await reportOf(2)).messageId];
		expect(handled).to.have.length(4).and.to.include.members(ids);
		expect(handled.slice(2)).to.have.members(ids);
	});

	it('leaves reports alone that wait for a worker, or for their next attempt', async () => {
		await put(1);
		await put(2);
		await dyingWorker(async () => {});
		const leftovers = requeueLeftovers(queue, 10, stopping.signal);

		await eventually('the next delivery', async () => {
			const { num_redelivered } = await queue.manager.consumers.info(REPORTS, WORKERS);
			if (num_redelivered === 0) await dyingWorker(async () => {});
			return num_redelivered > 0;
		});
		stopping.abort();
		await leftovers;

		expect((await queue.manager.streams.info(REPORTS)).state).to.include({ messages: 2, last_seq: 2 });
	});

	it('ends what it has in hand before it stops', async () => {
		await put(1);
		let begin = () => {};
		const begun = new Promise<void>((resolve) => {
			begin = resolve;
		});
		let finish = () => {};
		const finished = new Promise<void>((resolve) => {
			finish = resolve;
		});
		consume(async () => {
			begin();
			await finished;
		});
		await begun;

		stopping.abort();
		finish();
		await consuming;
		await connection.nats.flush();

		expect((await queue.manager.streams.info(REPORTS)).state.messages).to.equal(0);
	});

	function consume(handle: HandleReport) {
		consuming = consumeReports(queue.jetstream, handle, config, stopping.signal);
	}

	async function put(index: number): Promise<string> {
		const report = await reportOf(index);
		const key = duplicateKey(report);
		await queue.jetstream.publish(`${REPORTS_SUBJECT}.${report.state}`, encodeReport({ key, report }), { msgID: key });
		return key;
	}

	/** Takes one message, does something with it, and neither acks it nor gives it back. */
	async function dyingWorker(work: (data: string) => Promise<void>) {
		const consumer = await queue.jetstream.consumers.get(REPORTS, WORKERS);
		const message = await consumer.next({ expires: 5_000 });
		await work(message?.string() ?? '');
	}

	/** Stops the server cleanly, does something with its files, and starts it again. */
	async function restartServer(meanwhile: () => Promise<void>) {
		await server.shutDown();
		await meanwhile();
		server.restart();
		await connectionIsBack();
	}

	async function ackFloor(): Promise<number> {
		return (await queue.manager.consumers.info(REPORTS, WORKERS)).ack_floor.stream_seq;
	}

	async function connectionIsBack() {
		await eventually('the connection', async () => {
			await connection.nats.flush();
			return connection.isUp;
		});
	}

	async function isEmpty() {
		await eventually('the queue to be empty', async () => {
			return (await queue.manager.streams.info(REPORTS)).state.messages === 0;
		});
	}

	async function deadLetters(): Promise<number> {
		return (await queue.manager.streams.info(DEAD_LETTERS)).state.messages;
	}
});
