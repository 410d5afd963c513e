import { expect } from 'chai';
import type { Database } from '../../../inbox/lib/store/database.js';
import { openDatabase } from '../../../inbox/lib/store/open-database.js';
import { type Cluster, makeCluster } from '../../../inbox/test/support/postgres-cluster.js';
import { eventually } from './support/eventually.js';
import { Example } from './support/example.js';
import { Nemesis } from './support/nemesis.js';
import { Provider } from './support/provider.js';
import { type ReportFields, reportFields } from './support/report-fields.js';

/** At least; more are sent where the harm takes longer. */
const REPORTS = Number(process.env['QUEUE_REPORTS'] ?? 20_000);
const CONCURRENCY = 50;
const NODE_KILLS = 10;
const OTHER_KILLS = 3;

describe('examples/queue on three nodes and PostgreSQL', function () {
	this.timeout(30 * 60_000);
	let postgres: Cluster;
	let database: Database;
	let example: Example;

	beforeEach(async () => {
		postgres = await makeCluster();
		await postgres.start();
		const databaseUrl = await postgres.createDatabase('queue');
		database = await openDatabase({ databaseUrl, dataDir: '' });
		example = await Example.start({ NODES: '3', RECEIVERS: '3', WORKERS: '2', DATABASE_URL: databaseUrl });
	});

	afterEach(async function () {
		if (this.currentTest?.state === 'failed') console.error(example?.lines.slice(-60).join('\n'));
		await example?.remove();
		await database?.close();
		await postgres?.remove();
	});

	it('has every acknowledged report once, and the state of every message, whatever is killed', async () => {
		const nemesis = new Nemesis(example, killDatabase);
		const provider = new Provider(example.url, (sentAt) => nemesis.acknowledged(sentAt));
		const isEnough = () =>
			sent.length >= REPORTS &&
			nemesis.count('node killed') >= NODE_KILLS &&
			['receiver killed', 'worker killed', 'database killed'].every((what) => nemesis.count(what) >= OTHER_KILLS);
		let isHarmed = false;
		const sent: ReportFields[] = [];
		const start = performance.now();

		const harm = nemesis.harm(isEnough).finally(() => {
			isHarmed = true;
		});
		await Promise.all([
			harm,
			provider.deliverAll(
				withCopies(() => isHarmed, sent),
				CONCURRENCY,
			),
		]);
		const acknowledged = performance.now();
		await eventually('all reports to be stored', async () => (await countReports()) >= sent.length, 180_000);
		const stored = performance.now();

		console.log(`      ${sent.length} reports and ${provider.accepted - sent.length} copies acknowledged in ${seconds(acknowledged - start)}, all stored ${seconds(stored - acknowledged)} later
      attempts refused: ${provider.refused}, without an answer: ${provider.unanswered}
      milliseconds to the next acknowledgement:`);
		for (const [what, waits] of nemesis.waits()) console.log(`        ${what}: ${waits.join(' ')}`);
		expect(await rowsOf('SELECT transaction_id, message_id, mm_status FROM reports')).to.deep.equal(
			sent.map(({ transactionId, messageId, mmStatus }) => `${transactionId} ${messageId} ${mmStatus}`).sort(),
		);
		expect(await rowsOf('SELECT message_id, mm_status FROM messages')).to.deep.equal(states(sent));
		expect(await example.run('status'))
			.to.match(/wait for a worker\D+0 /)
			.and.match(/dead letters\D+0 /);
	});

	/** As a power cut would. */
	async function killDatabase(): Promise<void> {
		const pid = await postgres.psql(`SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)`);
		process.kill(Number(pid), 'SIGKILL');
		// its other processes notice a little later, and until then it does not start
		await eventually('PostgreSQL', () => postgres.start().then(() => true));
	}

	async function countReports(): Promise<number> {
		const [row] = await database.query<{ count: number }>('SELECT CAST(count(*) AS integer) AS count FROM reports');
		return row?.count ?? 0;
	}

	async function rowsOf(sql: string): Promise<string[]> {
		const rows = await database.query(sql);
		return rows.map((row) => Object.values(row).join(' ')).sort();
	}
});

/**
 * Of every ten reports, two pairs are about one message each: one was Retrieved and is Deferred, which is no news; one
 * is Expired later, which is.
 */
function reportOf(index: number): ReportFields {
	const mmStatus = { 9: 'Deferred', 7: 'Expired' }[index % 10];
	if (mmStatus === undefined) return reportFields(index);
	const { transactionId, messageId, recipient } = reportFields(index - 1);
	return reportFields(index, { transactionId, messageId, recipient, mmStatus });
}

/**
 * Makes reports until it is told that it is enough. Every twentieth comes twice: one half at the same time, the other
 * half later.
 */
function* withCopies(isEnough: () => boolean, sent: ReportFields[]): Generator<ReportFields> {
	for (let index = 0; !isEnough() || index % 400 !== 0; index += 1) {
		const report = reportOf(index);
		sent.push(report);
		yield report;
		if (index % 40 === 0) yield report;
		const earlier = sent[index - 200];
		if (earlier && index % 40 === 20) yield earlier;
	}
}

/** What the state of each message has to be: that of its latest report that is final. */
function states(reports: readonly ReportFields[]): string[] {
	const latest = new Map<string, string>();
	for (const { messageId, mmStatus } of reports) if (mmStatus !== 'Deferred') latest.set(messageId, mmStatus);
	return [...latest].map(([messageId, mmStatus]) => `${messageId} ${mmStatus}`).sort();
}

function seconds(milliseconds: number): string {
	return `${(milliseconds / 1000).toFixed(1)} s`;
}
