import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { openDatabase } from '../database/open-database.js';
import { type Cluster, makeCluster } from './database/postgres-cluster.js';
import { type InboxProcess, startInbox } from './inbox-process.js';
import { reportXml, sendReport } from './report-request.js';

const KILLS = 5;
/** Reports that are acknowledged between two kills. */
const REPORTS_BETWEEN = 60;
/** Reports that are on their way at one time. */
const SENDERS = 8;

describe('an inbox that is killed under load', () => {
	describe('on PGlite', () => {
		let folder: string;
		before(async () => {
			folder = await mkdtemp(path.join(tmpdir(), 'inbox-crash-'));
		});
		after(() => rm(folder, { recursive: true }));

		it('has every acknowledged report once', () => killAndCheck(() => ({ DATA_DIR: folder })));
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

		it('has every acknowledged report once', () => killAndCheck(() => ({ DATABASE_URL: url })));
	});
});

/** Sends reports as a provider does, each until it is acknowledged, while the inbox is killed and started again. */
async function killAndCheck(where: () => { DATA_DIR?: string; DATABASE_URL?: string }): Promise<void> {
	const env = { LOG_LEVEL: 'info', ...where() };
	let running = startInbox(env);
	let stopping = false;
	let interrupted = 0;
	let number = 0;
	const acknowledged = new Set<string>();
	let onAcknowledged = () => {};

	async function sender(): Promise<void> {
		while (!stopping) {
			const messageId = `m${++number}`;
			const xml = reportXml({ messageId });
			while (!(await isAcknowledged((await running).url, xml))) interrupted++;
			acknowledged.add(messageId);
			onAcknowledged();
		}
	}

	function acknowledgedCount(least: number): Promise<void> {
		return new Promise((resolve) => {
			onAcknowledged = () => {
				if (acknowledged.size >= least) resolve();
			};
		});
	}

	const senders = Array.from({ length: SENDERS }, sender);
	for (let kill = 1; kill <= KILLS; kill++) {
		await acknowledgedCount(kill * REPORTS_BETWEEN);
		const victim = await running;
		// from here on, whoever is cut off waits for the next one
		running = killAndStart(victim, env);
		await running;
	}
	stopping = true;
	await Promise.all(senders);
	expect(await (await running).end('SIGTERM')).to.equal(0);

	const database = await openDatabase({ databaseUrl: env.DATABASE_URL, dataDir: env.DATA_DIR ?? '' }, () => {});
	try {
		const stored = await database.query<{ id: string }>('SELECT message_id AS id FROM reports');
		const messages = await database.query<{ id: string }>('SELECT message_id AS id FROM messages');
		expect(stored.map(({ id }) => id)).to.have.members([...acknowledged]);
		expect(messages.map(({ id }) => id)).to.have.members([...acknowledged]);
	} finally {
		await database.close();
	}
	expect(interrupted, 'reports that were cut off').to.be.at.least(KILLS);
}

async function killAndStart(victim: InboxProcess, env: Record<string, string>): Promise<InboxProcess> {
	expect(await victim.end('SIGKILL')).to.equal(null);
	return startInbox(env);
}

async function isAcknowledged(url: string, xml: string): Promise<boolean> {
	try {
		const { httpStatus, statusCode } = await sendReport(url, xml);
		return httpStatus === 200 && statusCode === 1000;
	} catch {
		// the process was killed before it could answer
		return false;
	}
}
