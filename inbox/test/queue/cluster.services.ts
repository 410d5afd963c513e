import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { type Cluster, makeCluster } from '../../../test/support/postgres-cluster.js';
import type { Database } from '../../lib/store/database.js';
import { openDatabase } from '../../lib/store/open-database.js';
import { audit } from '../nemesis/audit.js';
import { Provider } from '../nemesis/provider.js';
import { eventually } from '../support/eventually.js';
import { Roles } from '../support/roles.js';

/** Minimum number of reports; more are sent if the faults take longer. */
const MIN_REPORTS = Number(process.env['QUEUE_REPORTS'] ?? 5_000);
const CONCURRENCY = 50;
const NODE_KILLS = Number(process.env['QUEUE_NODE_KILLS'] ?? 3);
const OTHER_KILLS = Number(process.env['QUEUE_OTHER_KILLS'] ?? 1);
/** How long one RabbitMQ node hangs: longer than it takes the others to drop it. */
const HANG_MS = 20_000;
/** A worker holds a request for up to a minute before its next attempt. */
const LAST_ATTEMPTS_MS = 90_000;
const REJOIN_TIMEOUT_S = 60;

describe('mm7-inbox in roles, on three nodes and PostgreSQL', function () {
	this.timeout(30 * 60_000);
	let postgres: Cluster;
	let database: Database;
	let roles: Roles;
	let recoveries: Map<string, number[]>;
	let provider: Provider;

	before(async () => {
		postgres = await makeCluster();
		await postgres.start();
		const databaseUrl = await postgres.createDatabase('queue');
		database = await openDatabase({ databaseUrl, dataDir: '' });
		roles = await Roles.start({ nodes: 3, receivers: 3, workers: 2, env: { DATABASE_URL: databaseUrl } });
	});
	after(async () => {
		provider?.abandon();
		await roles?.stop('SIGKILL');
		await database?.close();
		await postgres?.remove();
	});

	const count = (what: string) => recoveries.get(what)?.length ?? 0;
	const isEnough = () =>
		provider.ledger.length >= MIN_REPORTS &&
		count('node killed') >= NODE_KILLS &&
		['receiver killed', 'worker killed', 'database killed'].every((what) => count(what) >= OTHER_KILLS);

	/** Causes a fault, and records the milliseconds until the next acknowledgement. */
	async function inject(what: string, fault: () => Promise<void> | void): Promise<void> {
		const waits = recoveries.get(what) ?? [];
		recoveries.set(what, waits);
		const acknowledged = provider.nextAcknowledgement();
		await fault();
		waits.push(Math.round(await acknowledged));
	}

	async function disturbNodes(): Promise<void> {
		for (let kills = 0; !isEnough(); kills++) {
			const node = Math.floor(Math.random() * 3);
			// not last, so that the load continues
			if (kills === 1) await hang(node);
			await delay(random(1_000, 3_000));
			await inject('node killed', () => roles.rabbitmq.restart(node));
		}
	}

	async function hang(node: number): Promise<void> {
		await inject('node hangs', () => roles.rabbitmq.signal(node, 'SIGSTOP'));
		await delay(HANG_MS);
		await inject('node continues', () => roles.rabbitmq.signal(node, 'SIGCONT'));
		// the other nodes have dropped it; it should rejoin, but can remain isolated
		await roles.rabbitmq
			.control('await_online_nodes', '3', '--timeout', String(REJOIN_TIMEOUT_S))
			.catch(() => roles.rabbitmq.restart(node));
	}

	async function disturbOthers(): Promise<void> {
		const others = [
			() => inject('receiver killed', () => roles.kill('receive')),
			() => inject('worker killed', () => roles.kill('work')),
			() => inject('database killed', killDatabase),
		];
		for (let turn = 0; !isEnough(); turn++) {
			await delay(random(2_000, 6_000));
			await others[turn % others.length]?.();
		}
	}

	async function killDatabase(): Promise<void> {
		const pid = await postgres.psql(`SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)`);
		process.kill(Number(pid), 'SIGKILL');
		// it starts only after its other processes have noticed
		await eventually('PostgreSQL', () => postgres.start().then(() => true));
	}

	async function countReports(): Promise<number> {
		const sql = 'SELECT CAST(count(*) AS integer) AS count FROM reports';
		const [row] = await database.query<{ count: number }>(sql);
		return row?.count ?? 0;
	}

	it('keeps every acknowledged report exactly once, and every state, whichever process is killed', async () => {
		recoveries = new Map();
		const urls = roles.all('receive').map(({ url }) => url);
		const start = performance.now();
		provider = new Provider(urls, CONCURRENCY);
		await Promise.all([disturbNodes(), disturbOthers()]);
		await provider.stop();
		const sent = performance.now();
		const { ledger } = provider;
		await eventually('all reports to be stored', async () => (await countReports()) >= ledger.length, 180_000);

		console.log(`      ${ledger.length} reports and ${provider.latencies.length - ledger.length} copies acknowledged in ${seconds(sent - start)}, all stored ${seconds(performance.now() - sent)} later
      milliseconds to the next acknowledgement:`);
		for (const [what, waits] of recoveries) console.log(`        ${what}: ${waits.join(' ')}`);
		expect(await audit(database, ledger)).to.deep.equal({ lost: 0, storedTwice: 0, regressed: 0, miscounted: 0 });
		const isEmpty = async () => /mm7\.requests messages 0\b/.test(await waiting());
		await eventually('the last acknowledgements', isEmpty, LAST_ATTEMPTS_MS);
		expect(await waiting()).to.match(/mm7\.dead-letters messages 0\b/);
	});

	/** Returns lines of `name messages count`. */
	async function waiting(): Promise<string> {
		const rows = await roles.rabbitmq.control('list_queues', '--no-table-headers', 'name', 'messages');
		return rows.replaceAll('\t', ' messages ');
	}
});

function random(from: number, to: number): number {
	return from + Math.random() * (to - from);
}

function seconds(milliseconds: number): string {
	return `${(milliseconds / 1000).toFixed(1)} s`;
}
