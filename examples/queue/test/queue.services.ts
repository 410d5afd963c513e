import { connect, type NatsConnection } from '@nats-io/transport-node';
import { expect } from 'chai';
import type { Effect } from '../lib/effects.js';
import { DEAD_LETTERS, openQueue, type Queue, REPORTS, WORKERS } from '../lib/streams.js';
import { eventually } from './support/eventually.js';
import { Example } from './support/example.js';
import { Provider } from './support/provider.js';
import { type ReportFields, reportFields } from './support/report-fields.js';

const REPORTS_SENT = 10_000;
const CONCURRENCY = 50;
/** So many receivers are killed, and so many workers. */
const KILLS = 3;

describe('examples/queue', () => {
	let example: Example;
	let nats: NatsConnection;
	let queue: Queue;

	beforeEach(async () => {
		example = await Example.start({ RECEIVERS: '3', WORKERS: '2', ACK_WAIT_MS: '1000', LEFTOVERS_INTERVAL_MS: '2000' });
		nats = await connect({ servers: example.natsUrl, maxReconnectAttempts: -1, reconnectTimeWait: 100 });
		queue = await openQueue(nats);
	});

	afterEach(async function () {
		await nats?.close();
		await example?.stop();
		if (this.currentTest?.state === 'failed') console.error(example?.lines.slice(-40).join('\n'));
	});

	it('loses no report and handles none twice while receivers and workers are killed', async () => {
		const reports = Array.from({ length: REPORTS_SENT }, (_, index) => reportOf(index));
		const provider = new Provider(example.url, 200);
		const kills = new Kills(example);
		const start = performance.now();

		await provider.deliverAll(withCopies(reports), CONCURRENCY, () => kills.after(provider.accepted));
		const sent = performance.now();
		await kills.done();
		await queueIsEmpty();
		const handled = performance.now();

		const effects = await readEffects();
		const { state } = await queue.manager.streams.info(REPORTS);
		const handledBefore = example.lines.filter((line) => line.endsWith('handled before')).length;
		console.log(`      ${reports.length} reports and ${copies(reports)} copies sent in ${seconds(sent - start)},
      all handled after ${seconds(handled - start)}; killed ${kills.receivers} receivers and ${kills.workers} workers
      attempts refused or cut off: ${provider.refused}; reports given up by the provider: ${provider.lost}
      messages stored: ${state.last_seq}; deliveries of reports that had been handled: ${handledBefore}
      effects: ${effects.size} keys, ${[...effects.values()].filter((list) => list.length > 1).length} of them twice`);

		expect(provider.lost).to.equal(0);
		expect(kills.receivers).to.equal(KILLS);
		expect(kills.workers).to.equal(KILLS);
		expectEachOnce(effects, reports);
		expect(state.last_seq, 'copies are recognised by the duplicate window').to.equal(reports.length);
		expect((await queue.manager.streams.info(DEAD_LETTERS)).state.last_seq).to.equal(0);
	});

	it('loses no report and handles none twice while nats-server is killed', async () => {
		const reports = Array.from({ length: REPORTS_SENT / 5 }, (_, index) => reportOf(index));
		const provider = new Provider(example.url, 1_000);
		let killed: Promise<void> | undefined;

		await provider.deliverAll(withCopies(reports), CONCURRENCY, () => {
			if (provider.accepted > reports.length / 2) killed ??= example.killNatsServer();
		});
		await killed;
		await queueIsEmpty();

		expect(killed).to.not.equal(undefined);
		expect(provider.lost).to.equal(0);
		expectEachOnce(await readEffects(), reports);
	});

	it('stops receivers first, then workers, then nats-server, and exits with 0', async () => {
		const code = await example.stop();

		const last = example.lines.slice(-6).map((line) => line.replace(/ \d+/, ''));
		expect(last).to.deep.equal([...Array(3).fill('receiver stopped'), ...Array(2).fill('worker stopped'), 'Stopped']);
		expect(code).to.equal(0);
	});

	/** The effects by the key of their report; more than one for a key is a report handled twice. */
	async function readEffects(): Promise<Map<string, Effect[]>> {
		const effects = new Map<string, Effect[]>();
		const entries = await queue.effects.history();
		for await (const entry of entries) {
			effects.set(entry.key, [...(effects.get(entry.key) ?? []), entry.json<Effect>()]);
			if (entry.delta === 0) break;
		}
		return effects;
	}

	async function queueIsEmpty() {
		await eventually(
			'the queue to be empty',
			async () => {
				const { state } = await queue.manager.streams.info(REPORTS);
				const { num_ack_pending } = await queue.manager.consumers.info(REPORTS, WORKERS);
				return state.messages === 0 && num_ack_pending === 0;
			},
			90_000,
		);
	}
});

/** Kills receivers and workers at random moments while reports come in. */
class Kills {
	receivers = 0;
	workers = 0;
	readonly #example: Example;
	readonly #plan: { readonly at: number; readonly kind: 'receiver' | 'worker' }[];
	#running: Promise<void> = Promise.resolve();

	constructor(example: Example) {
		this.#example = example;
		const moment = () => Math.floor(REPORTS_SENT * (0.05 + 0.85 * Math.random()));
		this.#plan = Array.from({ length: KILLS }, () => [
			{ at: moment(), kind: 'receiver' as const },
			{ at: moment(), kind: 'worker' as const },
		])
			.flat()
			.sort((one, other) => one.at - other.at);
	}

	/** To be called with the number of reports accepted so far. */
	after(accepted: number): void {
		while ((this.#plan[0]?.at ?? Number.POSITIVE_INFINITY) <= accepted) {
			const { kind } = this.#plan.shift() as { kind: 'receiver' | 'worker' };
			this.#running = this.#running.then(() => this.#example.kill(kind));
			if (kind === 'receiver') this.receivers += 1;
			else this.workers += 1;
		}
	}

	async done(): Promise<void> {
		await this.#running;
	}
}

/** Of every ten, two are about one message under one TransactionID, as some relays send them: Deferred, Retrieved. */
function reportOf(index: number): ReportFields {
	if (index % 10 !== 9) return reportFields(index);
	const { transactionId, messageId, recipient } = reportFields(index - 1);
	return reportFields(index, { transactionId, messageId, recipient, mmStatus: 'Deferred' });
}

/** Every twentieth is sent twice: one half at the same time, the other half later. */
function* withCopies(reports: readonly ReportFields[]): Generator<ReportFields> {
	for (const [index, report] of reports.entries()) {
		yield report;
		if (index % 40 === 0) yield report;
		const earlier = reports[index - 200];
		if (earlier && index % 40 === 20) yield earlier;
	}
	yield* reports.slice(-200).filter((_, index) => index % 40 === 20);
}

function copies(reports: readonly ReportFields[]): number {
	return [...withCopies(reports)].length - reports.length;
}

function expectEachOnce(effects: ReadonlyMap<string, readonly Effect[]>, reports: readonly ReportFields[]) {
	const done = [...effects.values()].flat().map(({ messageId, mmStatus }) => `${messageId} ${mmStatus}`);
	const expected = reports.map(({ messageId, mmStatus }) => `${messageId} ${mmStatus}`);
	expect(done.toSorted()).to.deep.equal(expected.toSorted());
}

function seconds(milliseconds: number): string {
	return `${(milliseconds / 1000).toFixed(1)} s`;
}
