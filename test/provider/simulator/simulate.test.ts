import { EventEmitter, once } from 'node:events';
import type { RequestListener } from 'node:http';
import { expect } from 'chai';
import {
	basicAuth,
	type DeliveryReport,
	type Handler,
	Mm7Rejection,
	type Options,
	type ReadReply,
} from '../../../lib/index.js';
import { MM7_NAMESPACE_BASE } from '../../../lib/mm7/namespaces.js';
import { type Simulation, type SimulationEvents, simulate } from '../../../lib/provider/simulator/simulate.js';
import type { Attempt, Summary } from '../../../lib/provider/simulator/summary.js';
import { app, listen, stopServers } from '../../support/server.js';

const NEVER = new AbortController().signal;

/** Simulates against a server, without the delays of a real provider. */
async function simulateAgainst(
	server: RequestListener,
	simulation: Partial<Simulation> = {},
	{ signal = NEVER, ...events }: SimulationEvents & { signal?: AbortSignal } = {},
): Promise<Summary> {
	const { port } = await listen(server);
	const complete: Simulation = {
		url: new URL(`http://127.0.0.1:${port}/mm7`),
		authorization: undefined,
		count: 10,
		concurrency: 4,
		form: 'bare',
		version: '6.8.0',
		statuses: ['Retrieved'],
		timeout: 5000,
		retryAfter: 1,
		retries: 5,
		duplicates: 0,
		outOfOrder: 0,
		readReplies: 0,
		silent: 0,
		registry: undefined,
		seed: 7,
		...simulation,
	};
	return simulate(complete, signal, events);
}

/** A receiver, and the reports that it received. */
function receiver(
	handler: (report: DeliveryReport, count: number) => ReturnType<Handler> = () => {},
	options?: Options,
) {
	const reports: DeliveryReport[] = [];
	const server = app((report) => handler(report, reports.push(report)), options);
	return { server, reports };
}

/** A server with the same response to every request. */
function responding(status: number, body: string): RequestListener {
	return (req, res) => void req.resume().on('end', () => res.writeHead(status).end(body));
}

const ACCEPTED_ANOTHER = `<Envelope><Header><TransactionID>1</TransactionID></Header><Body><DeliveryReportRsp>
<Status><StatusCode>1000</StatusCode></Status></DeliveryReportRsp></Body></Envelope>`;

describe('simulate', () => {
	afterEach(stopServers);

	for (const form of ['xml', 'multipart', 'bare'] as const) {
		for (const version of ['5.3.0', '6.8.0'] as const) {
			it(`sends the reports of every message in order, as ${form} of ${version}`, async () => {
				const { server, reports } = receiver();
				const summary = await simulateAgainst(server, { form, version, statuses: ['Retrieved', 'Expired'] });

				expect(summary).to.deep.include({ messages: 10, reports: 20, accepted: 20, lost: 0, retried: 0, reasons: {} });
				expect(summary.latency.p50).to.be.above(0);
				expect(summary.latency.p99).to.be.at.least(summary.latency.p50 ?? Number.NaN);
				for (const { messageId, mm7Version } of reports) {
					expect(mm7Version).to.equal(version);
					const life = reports.filter((report) => report.messageId === messageId);
					expect(life.map(({ final }) => final)).to.deep.equal([false, true]);
					expect(life[0]?.mmStatus).to.equal('Forwarded');
				}
			});
		}
	}

	it('retries a report until it is accepted, before it sends the next one', async () => {
		const seen: string[] = [];
		const { server } = receiver((report, count) => {
			seen.push(report.mmStatus);
			if (count <= 3) throw new Error('database down');
		});
		const summary = await simulateAgainst(server, { count: 1 });
		expect(seen).to.deep.equal(['Forwarded', 'Forwarded', 'Forwarded', 'Forwarded', 'Retrieved']);
		expect(summary).to.deep.include({ reports: 2, accepted: 2, retried: 3, lost: 0, reasons: { 'HTTP 500': 3 } });
	});

	it('sends the reports of a message in reverse order', async () => {
		const { server, reports } = receiver();
		await simulateAgainst(server, { count: 1, outOfOrder: 1 });
		expect(reports.map(({ mmStatus }) => mmStatus)).to.deep.equal(['Retrieved', 'Forwarded']);
	});

	it('sends a read reply after the report that the message was delivered, and counts it', async () => {
		const replies: ReadReply[] = [];
		const { server, reports } = receiver(undefined, { readReplies: (reply) => void replies.push(reply) });
		const summary = await simulateAgainst(server, { count: 3, readReplies: 1 });
		expect(summary).to.include({ reports: 9, readReplies: 3, accepted: 9, lost: 0 });
		expect(replies.map(({ state }) => state)).to.deep.equal(['read', 'read', 'read']);
		expect(new Set(replies.map(({ messageId }) => messageId))).to.deep.equal(
			new Set(reports.map(({ messageId }) => messageId)),
		);
	});

	it('loses a report if the response has another operation or namespace', async () => {
		const asReport: RequestListener = (req, res) => {
			const chunks: Buffer[] = [];
			req.on('data', (chunk: Buffer) => chunks.push(chunk));
			req.on('end', () => {
				const id = /<TransactionID[^>]*>([^<]*)/.exec(Buffer.concat(chunks).toString())?.[1];
				const namespace = `${MM7_NAMESPACE_BASE}REL-6-MM7-1-4`;
				res.end(`<Envelope><Header><TransactionID xmlns="${namespace}">${id}</TransactionID></Header><Body>
					<DeliveryReportRsp xmlns="${namespace}"><Status><StatusCode>1000</StatusCode></Status></DeliveryReportRsp>
					</Body></Envelope>`);
			});
		};
		expect(await simulateAgainst(asReport, { readReplies: 1, retries: 0 })).to.deep.include({
			accepted: 20,
			lost: 10,
			reasons: { 'DeliveryReportRsp instead of ReadReplyRsp': 10 },
		});
		const { reasons } = await simulateAgainst(asReport, { readReplies: 1, retries: 0, version: '5.3.0' });
		expect(reasons).to.deep.equal({ 'TransactionID in another namespace': 30 });
		expect(await simulateAgainst(app(), { version: '5.3.0' })).to.include({ accepted: 20, lost: 0 });
	});

	it('gives up a report after six attempts, and continues with the next one', async () => {
		const { server, reports } = receiver((report) => {
			if (!report.final) throw new Error('database down');
		});
		const summary = await simulateAgainst(server, { count: 2 });
		expect(summary).to.include({ messages: 2, reports: 4, accepted: 2, lost: 2, retried: 10 });
		expect(reports.filter(({ final }) => !final)).to.have.length(12);
	});

	it('never retries a report that was rejected', async () => {
		const { server, reports } = receiver(() => {
			throw new Mm7Rejection(2005);
		});
		const summary = await simulateAgainst(server);
		expect(summary).to.deep.include({ rejected: 20, lost: 0, retried: 0, reasons: { 'StatusCode 2005': 20 } });
		expect(reports).to.have.length(20);
	});

	it('sends duplicates of accepted reports', async () => {
		const { server, reports } = receiver(undefined, { deduplicate: true });
		const copies: string[] = [];
		const counting: RequestListener = (req, res) => {
			copies.push(req.url ?? '');
			server(req, res);
		};
		const summary = await simulateAgainst(counting, { duplicates: 1 });
		expect(summary).to.include({ reports: 20, accepted: 20, duplicates: 20, duplicatesNotAccepted: 0, retried: 0 });
		expect(copies).to.have.length(40);
		expect(reports).to.have.length(20);
	});

	it('counts duplicates that are not accepted', async () => {
		const known = new Set<string>();
		const { server } = receiver(({ transactionId }) => {
			if (known.has(transactionId)) throw new Error('duplicate key');
			known.add(transactionId);
		});
		const summary = await simulateAgainst(server, { duplicates: 1 });
		expect(summary).to.include({ accepted: 20, duplicates: 20, duplicatesNotAccepted: 20, lost: 0 });
	});

	it('sends credentials', async () => {
		const { server } = receiver(undefined, { authenticate: basicAuth({ sinch: 'secret' }) });
		const authorization = `Basic ${Buffer.from('sinch:secret').toString('base64')}`;
		expect(await simulateAgainst(server, { authorization })).to.include({ accepted: 20 });
		expect(await simulateAgainst(server, { count: 1, retries: 0 })).to.deep.include({
			lost: 2,
			reasons: { 'HTTP 401': 2 },
		});
	});

	const LOSSES: [string, RequestListener, Partial<Simulation>, string][] = [
		['the response is late', () => {}, { timeout: 20 }, 'no response within 20 ms'],
		['the connection is cut', (req) => void req.socket.destroy(), {}, 'connection cut'],
		['the response is about another report', responding(200, ACCEPTED_ANOTHER), {}, 'another TransactionID'],
		['the response is not SOAP', responding(200, 'OK'), {}, "the response is not well-formed XML: 'OK'"],
		['the URL is wrong', responding(404, ''), {}, 'HTTP 404'],
	];
	for (const [loss, server, simulation, reason] of LOSSES) {
		it(`loses reports if ${loss}`, async () => {
			const summary = await simulateAgainst(server, { count: 2, retries: 1, ...simulation });
			expect(summary).to.deep.include({ accepted: 0, lost: 4, retried: 4, reasons: { [reason]: 8 } });
		});
	}

	it('limits the number of concurrent requests', async () => {
		let inFlight = 0;
		let most = 0;
		const wave = new EventEmitter();
		const { server } = receiver(async (_report, count) => {
			most = Math.max(most, ++inFlight);
			// the first ones wait for one another, so that the bound is certainly reached
			if (count === 3) wave.emit('complete');
			else if (count < 3) await once(wave, 'complete');
			await new Promise(setImmediate);
			inFlight--;
		});
		await simulateAgainst(server, { count: 40, concurrency: 3, duplicates: 0.5 });
		expect(most).to.equal(3);
	});

	it('sends other messages while a report waits for its retry', async () => {
		const first = '40000000007' + '0000000';
		const { server, reports } = receiver(({ messageId }) => {
			// the first message gets through only after all others are finished
			const finished = reports.filter((report) => report.final && report.messageId !== first).length;
			if (messageId === first && finished < 4) throw new Error('not yet');
		});
		const summary = await simulateAgainst(server, { count: 5, concurrency: 1, retryAfter: 10, retries: 1000 });
		expect(summary).to.include({ accepted: 10, lost: 0 });
		expect(summary.retried).to.be.at.least(1);
	});

	it('reports every message and every failure while it runs', async () => {
		const finished: number[] = [];
		const failures: Attempt[] = [];
		const { server } = receiver((_report, count) => {
			if (count === 1) throw new Error('database down');
		});
		await simulateAgainst(
			server,
			{ count: 3, concurrency: 1 },
			{ onProgress: ({ messages }) => finished.push(messages), onFailure: (attempt) => failures.push(attempt) },
		);
		expect(finished).to.deep.equal([1, 2, 3]);
		expect(failures).to.have.length(1);
		expect(failures[0]).to.include({ verdict: 'retry', reason: 'HTTP 500' });
	});

	describe('with a registry', () => {
		/** The requests of both, in the order of arrival. */
		let arrived: { messageId: string; facts?: object; authorization?: string | undefined }[];

		async function registry(status = 204): Promise<Simulation['registry']> {
			const { port } = await listen((req, res) => {
				const chunks: Buffer[] = [];
				req.on('data', (chunk: Buffer) => chunks.push(chunk));
				req.on('end', () => {
					const [, messageId = ''] = /^PUT \/inbox\/api\/messages\/(\w+)$/.exec(`${req.method} ${req.url}`) ?? [];
					const facts = JSON.parse(Buffer.concat(chunks).toString());
					arrived.push({ messageId, facts, authorization: req.headers.authorization });
					res.writeHead(status).end();
				});
			});
			return { url: new URL(`http://127.0.0.1:${port}/inbox`), token: 'secret' };
		}

		beforeEach(() => {
			arrived = [];
		});

		it('registers each message once, before its first report, and stays silent about some', async () => {
			const { server } = receiver(({ messageId, recipient, sender, date }) => {
				const [first] = arrived.filter((one) => one.messageId === messageId);
				expect(first?.authorization).to.equal('Bearer secret');
				expect(first?.facts).to.deep.include({ recipients: [recipient.number], sender: sender?.number });
				expect(first?.facts).to.have.property('submittedAt', date?.toISOString());
				expect(first?.facts).to.have.property('reference').that.includes('simulated-');
				arrived.push({ messageId });
			});
			const summary = await simulateAgainst(server, { count: 40, silent: 0.25, registry: await registry() });
			const { silent } = summary;
			expect(silent).to.be.within(2, 25);
			expect(summary).to.deep.include({ messages: 40, registered: 40, accepted: 2 * (40 - silent), reasons: {} });
			const registered = arrived.filter(({ facts }) => facts).map(({ messageId }) => messageId);
			expect(new Set(registered).size).to.equal(40);
			const reported = arrived.filter(({ facts }) => !facts).map(({ messageId }) => messageId);
			expect(new Set(reported).size).to.equal(40 - silent);
		});

		it('counts registrations that fail, and sends the reports anyway', async () => {
			const failures: Attempt[] = [];
			const summary = await simulateAgainst(
				receiver().server,
				{ count: 3, registry: await registry(401) },
				{ onFailure: (attempt) => failures.push(attempt) },
			);
			expect(summary).to.deep.include({ registered: 0, notRegistered: 3, accepted: 6 });
			expect(summary.reasons).to.deep.equal({ 'registration: HTTP 401': 3 });
			expect(failures.map(({ reason }) => reason)).to.deep.equal(Array(3).fill('registration: HTTP 401'));
		});
	});

	it('stops when it is interrupted, and returns the results so far', async () => {
		const controller = new AbortController();
		const { server } = receiver((_report, count) => {
			if (count === 5) controller.abort();
		});
		const summary = await simulateAgainst(server, { count: 1000, concurrency: 1 }, { signal: controller.signal });
		expect(summary).to.include({ interrupted: true, messages: 2, reports: 5, accepted: 4, unfinished: 1, lost: 0 });
	});

	it('does not wait for retries when it is interrupted', async () => {
		const controller = new AbortController();
		const { server } = receiver(() => {
			throw new Error('database down');
		});
		const summary = await simulateAgainst(
			server,
			{ count: 2, concurrency: 1, retryAfter: 2 ** 31 - 1 },
			{ signal: controller.signal, onFailure: () => controller.abort() },
		);
		expect(summary).to.include({ interrupted: true, reports: 1, unfinished: 1, messages: 0 });
	});
});
