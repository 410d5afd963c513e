import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { type Cluster, makeCluster } from '../../../test/support/postgres-cluster.js';
import { wrongCounts } from '../../lib/store/counters.js';
import type { Database } from '../../lib/store/database.js';
import { type DatabasePlace, openDatabase } from '../../lib/store/open-database.js';
import { describePageQueries } from '../store/read/page-queries.suite.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';
import { fill, fillCounters, makeReports } from './fill.js';
import { MAX_MIGRATION_BYTES, migrateTwice } from './migrate.js';
import { askAll, askFullCounters, fastest } from './questions.js';

/** Few enough to be stored in both databases within a minute, and so many that no plan should scan a table. */
const MESSAGES = 200_000;
/** Longer than the time limits of writes, and of a server whose administrator has set some. */
const MIN_MIGRATION_MS = 7_000;
const RUNS = 5;
const FULL_DAYS = 180;
/** If all hours are read, SQLite takes five times as long for the statistics as for adding up one of the counters. */
const MAX_FULL_RATIO = 2;

/** A large database and what the tests need of it. */
interface Large {
	/** Opens another database, which is empty. */
	openEmpty(): Promise<Database>;
	open(): Promise<Database>;
	/** Does what the database does on its own after a while. */
	settle(): Promise<unknown>;
	/** Where the database is. */
	place(): DatabasePlace;
	/** SQL that takes longer than the time limits of writes. */
	readonly sleepSql: string;
}

describe(`with ${MESSAGES.toLocaleString('en')} messages`, () => {
	let cluster: Cluster;
	let folder: string;
	const opened = new Map<string, Database>();
	const now = Date.now();

	before(async function () {
		this.timeout(600_000);
		cluster = await makeCluster();
		await cluster.start();
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-scale-'));
		const make = await makeReports(MESSAGES, now);
		await Promise.all(
			Object.entries(databases).map(async ([name, { open, settle }]) => {
				const database = await open();
				opened.set(name, database);
				await fill(database, make, { to: MESSAGES });
				await settle();
			}),
		);
	});
	after(async () => {
		for (const database of opened.values()) await database.close();
		await cluster?.remove();
		await rm(folder, { recursive: true });
	});

	const openPostgres = async (name: string) =>
		openDatabase({ databaseUrl: await cluster.createDatabase(name), dataDir: '' });

	describe('on PostgreSQL', () => describePageQueries(() => openPostgres('few')));

	const databases: Readonly<Record<string, Large>> = {
		SQLite: {
			openEmpty: openTemporaryDatabase,
			open: () => openDatabase({ databaseUrl: undefined, dataDir: folder }),
			settle: async () => {},
			place: () => ({ databaseUrl: undefined, dataDir: folder }),
			sleepSql: `
				CREATE TEMP TABLE slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80000000)
				SELECT max(i) FROM n`,
		},
		PostgreSQL: {
			openEmpty: () => openPostgres('empty'),
			open: () => openPostgres('many'),
			async settle() {
				await cluster.psql('VACUUM ANALYZE', 'many');
				for (const limit of ['statement_timeout', 'lock_timeout']) {
					await cluster.psql(`ALTER DATABASE many SET ${limit} = 1000`);
				}
			},
			place: () => ({ databaseUrl: `postgres://inbox@127.0.0.1:${cluster.port}/many`, dataDir: '' }),
			sleepSql: 'SELECT pg_sleep(8)',
		},
	};
	for (const [name, { openEmpty, place, sleepSql }] of Object.entries(databases)) {
		describe(`on ${name}`, () => {
			let database: Database;
			before(() => {
				database = opened.get(name) as Database;
			});

			it('the page queries do not scan a whole table or index', async () => {
				expect(await wrongCounts(database)).to.deep.equal([]);
				const outcomes = await askAll(database, { make: await makeReports(MESSAGES, now), count: MESSAGES, now }, 1);
				expect(outcomes.filter(({ scans }) => scans.length > 0)).to.deep.equal([]);
			});

			it('statistics and choices of half a year with all values in each hour do not read all its hours', async function () {
				this.timeout(60_000);
				const empty = await openEmpty();
				try {
					await fillCounters(empty, now, FULL_DAYS);
					const { statistics, choices } = await askFullCounters(empty, now, [FULL_DAYS], RUNS);
					const sumSql = 'SELECT sum(started) AS sum FROM counters WHERE hour >= 0';
					const sum = await fastest(() => empty.query(sumSql), RUNS);
					expect((statistics.get(FULL_DAYS) ?? Number.NaN) / sum).to.be.below(MAX_FULL_RATIO);
					expect(choices / sum).to.be.below(MAX_FULL_RATIO);
				} finally {
					await empty.close();
				}
			});

			it('a migration needs little memory, and another process waits for it however long it takes', async () => {
				const start = performance.now();
				const grown = await migrateTwice(place(), sleepSql);
				expect(performance.now() - start).to.be.above(MIN_MIGRATION_MS);
				for (const bytes of grown) expect(bytes).to.be.within(1, MAX_MIGRATION_BYTES);
				expect(await database.query('SELECT key FROM messages WHERE more <> key LIMIT 1')).to.deep.equal([]);
			});
		});
	}
});
