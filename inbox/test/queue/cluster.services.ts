import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { type Cluster, makeCluster } from '../../../test/support/postgres-cluster.js';
import type { Database } from '../../lib/store/database.js';
import { openDatabase } from '../../lib/store/open-database.js';
import { audit } from '../nemesis/audit.js';
import { Provider } from '../nemesis/provider.js';
import { eventually } from '../support/eventually.js';
import { Roles } from '../support/roles.js';

/** At least; more are sent if the harm takes longer. */
const REPORTS = Number(process.env['QUEUE_REPORTS'] ?? 20_000);
const CONCURRENCY = 50;
const NODE_KILLS = 10;
const OTHER_KILLS = 3;
/** How long one RabbitMQ node stands still. */
const STANDSTILL_MS = 30_000;
const REJOIN_TIMEOUT_S = 60;

describe('mm7-inbox in roles, on three nodes and PostgreSQL', function () {
	this.timeout(30 * 60_000);
	let postgres: Cluster;
	let database: Database;
	let roles: Roles;
	let deeds: Map<string, number[]>;
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

	const count = (what: string) => deeds.get(what)?.length ?? 0;
	const isEnough = () =>
		provider.ledger.length >= REPORTS &&
		count('node killed') >= NODE_KILLS &&
		['receiver killed', 'worker killed', 'database killed'].every((what) => count(what) >= OTHER_KILLS);

	/** Does harm, and notes the milliseconds until the next acknowledgement. */
	async function harm(what: string, deed: () => Promise<void> | void): Promise<void> {
		const waits = deeds.get(what) ?? [];
		deeds.set(what, waits);
		const acknowledged = provider.nextAcknowledgement();
		await deed();
		waits.push(Math.round(await acknowledged));
	}

	async function harmNodes(): Promise<void> {
		for (let kills = 0; !isEnough(); kills++) {
			const node = Math.floor(Math.random() * 3);
			// not the last one, so that it goes on under load
			if (kills === 4) await standStill(node);
			await delay(random(1_000, 3_000));
			await harm('node killed', () => roles.rabbitmq.restart(node));
		}
	}

	async function standStill(node: number): Promise<void> {
		await harm('node stands still', () => roles.rabbitmq.signal(node, 'SIGSTOP'));
		await delay(STANDSTILL_MS);
		await harm('node goes on', () => roles.rabbitmq.signal(node, 'SIGCONT'));
		// it hears that it was given up, and joins the others again; it might stay alone
		await roles.rabbitmq
			.control('await_online_nodes', '3', '--timeout', String(REJOIN_TIMEOUT_S))
			.catch(() => roles.rabbitmq.restart(node));
	}

	async function harmOthers(): Promise<void> {
		const others = [
			() => harm('receiver killed', () => roles.kill('receive')),
			() => harm('worker killed', () => roles.kill('work')),
			() => harm('database killed', killDatabase),
		];
		for (let turn = 0; !isEnough(); turn++) {
			await delay(random(2_000, 6_000));
			await others[turn % others.length]?.();
		}
	}

	/** As a power cut would. */
	async function killDatabase(): Promise<void> {
		const pid = await postgres.psql(`SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)`);
		process.kill(Number(pid), 'SIGKILL');
		// its other processes notice a little later, and until then it does not start
		await eventually('PostgreSQL', () => postgres.start().then(() => true));
	}

	async function countReports(): Promise<number> {
		const sql = 'SELECT CAST(count(*) AS integer) AS count FROM reports';
		// the connection may have been cut by the last kill
		const [row] = await database.query<{ count: number }>(sql);
		return row?.count ?? 0;
	}

	it('has every acknowledged report once, and the state of every message, whatever is killed', async () => {
		deeds = new Map();
		const urls = roles.all('receive').map(({ url }) => url);
		const start = performance.now();
		provider = new Provider(urls, CONCURRENCY);
		await Promise.all([harmNodes(), harmOthers()]);
		await provider.stop();
		const sent = performance.now();
		const { ledger } = provider;
		await eventually('all reports to be stored', async () => (await countReports()) >= ledger.length, 180_000);

		console.log(`      ${ledger.length} reports and ${provider.latencies.length - ledger.length} copies acknowledged in ${seconds(sent - start)}, all stored ${seconds(performance.now() - sent)} later
      milliseconds to the next acknowledgement:`);
		for (const [what, waits] of deeds) console.log(`        ${what}: ${waits.join(' ')}`);
		expect(await audit(database, ledger)).to.deep.equal({ lost: 0, storedTwice: 0, goneBack: 0 });
		await eventually('the last acknowledgements', async () => /mm7\.requests messages 0\b/.test(await waiting()));
		expect(await waiting()).to.match(/mm7\.dead-letters messages 0\b/);
	});

	/** `name messages count`, line by line. */
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
