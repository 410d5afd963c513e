import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { freePort } from '../../test/support/free-port.js';
import { type Cluster, makeCluster } from '../../test/support/postgres-cluster.js';
import { openDatabase } from '../lib/store/open-database.js';
import { startInbox } from './support/inbox-process.js';

const KILLS = 5;
/** Reports that each process acknowledges before it is killed. */
const REPORTS_EACH = 100;
/** Most messages get two reports: enough for all kills, and for some more. */
const MESSAGES = 600;

const COMMAND = path.join(path.dirname(require.resolve('mm7-delivery-reports/package.json')), 'dist/provider/bin.js');

/** What the simulator tells of its run. */
interface Summary {
	readonly reports: number;
	readonly accepted: number;
	readonly refused: number;
	readonly lost: number;
	readonly unfinished: number;
	readonly retried: number;
}

describe('an inbox that is killed under load', () => {
	describe('on SQLite', () => {
		let folder: string;
		before(async () => {
			folder = await mkdtemp(path.join(tmpdir(), 'inbox-crash-'));
		});
		after(() => rm(folder, { recursive: true }));

		it('has every acknowledged report once', () => killAndCheck({ DATA_DIR: folder }));
	});

	describe('on PostgreSQL', () => {
		let cluster: Cluster;
		let url: string;
		before(async () => {
			cluster = await makeCluster();
			await cluster.start();
			url = await cluster.createDatabase('crash');
		});
		after(() => cluster?.remove());

		it('has every acknowledged report once', () => killAndCheck({ DATABASE_URL: url }));
	});
});

/**
 * Lets the simulator send, each report until it is accepted and never again after that, while the inbox is killed and
 * started again. So a report that was acknowledged and then lost is missing in the end.
 */
async function killAndCheck(where: { DATA_DIR?: string; DATABASE_URL?: string }): Promise<void> {
	const env = { ...where, PORT: String(await freePort()) };
	let inbox = await startInbox(env);
	const simulation = simulate(`${inbox.url}/mm7`);
	const tooShort = simulation.then(() => Promise.reject(new Error('the load ended before the last kill')));
	tooShort.catch(() => {});
	for (let kill = 1; kill <= KILLS; kill++) {
		await Promise.race([inbox.acknowledged(REPORTS_EACH), tooShort]);
		expect(await inbox.end('SIGKILL')).to.equal(null);
		inbox = await startInbox(env);
	}
	const summary = await simulation;
	expect(await inbox.end('SIGTERM')).to.equal(0);
	expect(summary).to.include({ refused: 0, lost: 0, unfinished: 0 });
	expect(summary.accepted)
		.to.equal(summary.reports)
		.and.to.be.greaterThan(KILLS * REPORTS_EACH);
	expect(summary.retried, 'reports that were cut off').to.be.at.least(KILLS);

	const database = await openDatabase({ databaseUrl: env.DATABASE_URL, dataDir: env.DATA_DIR ?? '' });
	try {
		const reports = 'SELECT DISTINCT transaction_id, message_id, mm_status FROM reports';
		const [stored] = await database.query(`
			SELECT CAST((SELECT count(*) FROM reports) AS integer) AS reports,
				CAST((SELECT count(*) FROM (${reports}) AS distinct_reports) AS integer) AS different,
				CAST((SELECT count(*) FROM messages) AS integer) AS messages,
				CAST((SELECT count(*) FROM messages WHERE final = TRUE) AS integer) AS ended`);
		const { accepted } = summary;
		// of each message the final report came too, and none that came after it has put it back
		expect(stored).to.deep.equal({ reports: accepted, different: accepted, messages: MESSAGES, ended: MESSAGES });
	} finally {
		await database.close();
	}
}

async function simulate(url: string): Promise<Summary> {
	const load = ['--count', MESSAGES, '--concurrency', 8, '--retry-after', '300ms', '--retries', 1000, '--json'];
	const reports = ['--status', 'Retrieved,Expired', '--duplicates', '10%', '--out-of-order', '30%', '--seed', 1];
	const args = [COMMAND, 'simulate', url, ...load, ...reports].map(String);
	const { stdout } = await promisify(execFile)(process.execPath, args);
	return JSON.parse(stdout) as Summary;
}
