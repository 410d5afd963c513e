import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { JetStreamApiError } from '@nats-io/jetstream';
import { expect } from 'chai';
import type { DeliveryReport, Handler, Mm7Request } from 'mm7-delivery-reports';
import { type Connection, connectToNats } from '../../lib/connection.js';
import { publishReports } from '../../lib/publish-reports.js';
import { decodeReport } from '../../lib/report-message.js';
import { prepareQueue, type Queue, REPORTS } from '../../lib/streams.js';
import { eventually } from '../support/eventually.js';
import { TestNats } from '../support/nats.js';
import { reportOf } from '../support/reports.js';

const MEBIBYTE = 1024 * 1024;

describe('publishReports, with NATS', () => {
	let server: TestNats;
	let connection: Connection;
	let queue: Queue;
	let handler: Handler;

	beforeEach(async () => {
		server = await TestNats.start();
		const config = server.config({ MAX_QUEUE_BYTES: String(MEBIBYTE) });
		connection = await connectToNats(config, 'test');
		queue = await prepareQueue(connection.nats, config);
		handler = publishReports(queue.jetstream, connection, 2_000);
	});

	afterEach(async () => {
		await connection?.nats.close();
		await server?.stop();
	});

	it('stores the report under a subject that says its state', async () => {
		const report = await reportOf(1);

		await handle(report);

		const stored = await queue.manager.streams.getMessage(REPORTS, { seq: 1 });
		expect(stored?.subject).to.equal('mm7.reports.delivered');
		expect(decodeReport(stored?.string() ?? '').report).to.deep.equal(report);
	});

	it('stores copies once', async () => {
		await Promise.all([handle(await reportOf(1)), handle(await reportOf(1))]);
		await handle(await reportOf(1));

		expect(await messages()).to.equal(1);
	});

	it('stores two reports that share their TransactionID', async () => {
		await handle(await reportOf(1, { mmStatus: 'Deferred' }));
		await handle(await reportOf(1, { mmStatus: 'Retrieved' }));

		expect(await messages()).to.equal(2);
	});

	it('recognises a waiting copy also after nats-server was killed', async () => {
		await handle(await reportOf(1));
		await server.kill();
		server.restart();
		await handle(await reportOf(1));

		expect(await messages()).to.equal(1);
	});

	it('refuses reports within its time while NATS is away, and stores them once it is back', async () => {
		await server.kill();
		await eventually('the connection to be lost', () => !connection.isUp);
		const start = performance.now();

		expect(await failureOf(handle(await reportOf(1)))).to.match(/NATS is away/);

		expect(performance.now() - start).to.be.within(1_900, 4_000);
		server.restart();
		await handle(await reportOf(1));
		expect(await messages()).to.equal(1);
	});

	it('gives up at once when its signal is aborted', async () => {
		await server.kill();
		await eventually('the connection to be lost', () => !connection.isUp);
		const start = performance.now();

		expect(await failureOf(handle(await reportOf(1), AbortSignal.abort()))).to.match(/NATS is away/);

		expect(performance.now() - start).to.be.below(1_000);
	});

	it('refuses reports when the queue is full, and drops none of those inside', async () => {
		let failure: unknown;
		let accepted = 0;
		while (failure === undefined && accepted < 5_000) {
			await handle(await reportOf(accepted)).then(
				() => {
					accepted += 1;
				},
				(error) => {
					failure = error;
				},
			);
		}

		expect(failure).to.be.instanceOf(JetStreamApiError);
		expect((failure as Error).message).to.match(/maximum bytes exceeded/);
		expect(accepted).to.be.above(100);
		expect(await messages()).to.equal(accepted);
	});

	async function handle(report: DeliveryReport, signal = new AbortController().signal): Promise<void> {
		await handler(report, new IncomingMessage(new Socket()) as Mm7Request, { signal });
	}

	async function messages(): Promise<number> {
		return (await queue.manager.streams.info(REPORTS)).state.messages;
	}
});

function failureOf(promise: Promise<unknown>): Promise<string> {
	return promise.then(
		() => 'no failure',
		(error: Error) => error.message,
	);
}
