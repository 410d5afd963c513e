import { expect } from 'chai';
import { type Cluster, makeCluster } from '../../../test/support/postgres-cluster.js';
import { wrongCounts } from '../../lib/store/counters.js';
import type { Database } from '../../lib/store/database.js';
import { openDatabase } from '../../lib/store/open-database.js';
import { describePageQueries } from '../store/read/page-queries.suite.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';
import { fill, makeReports } from './fill.js';
import { askAll } from './questions.js';

const MESSAGES = 200_000;

describe('the page queries', () => {
	let cluster: Cluster;
	before(async () => {
		cluster = await makeCluster();
		await cluster.start();
	});
	after(() => cluster?.remove());
	const openPostgres = async (name: string) =>
		openDatabase({ databaseUrl: await cluster.createDatabase(name), dataDir: '' });

	describe('on PostgreSQL', () => describePageQueries(() => openPostgres('few')));

	const databases: Readonly<Record<string, [open: () => Promise<Database>, settle: () => Promise<unknown>]>> = {
		SQLite: [openTemporaryDatabase, async () => {}],
		// as autovacuum does after a while
		PostgreSQL: [() => openPostgres('many'), () => cluster.psql('VACUUM ANALYZE', 'many')],
	};
	for (const [name, [open, settle]] of Object.entries(databases)) {
		it(`do not scan a whole table or index, with 200,000 messages on ${name}`, async function () {
			this.timeout(600_000);
			const database = await open();
			try {
				const now = Date.now();
				const make = await makeReports(MESSAGES, now);
				await fill(database, make, MESSAGES);
				await settle();
				expect(await wrongCounts(database)).to.deep.equal([]);
				const outcomes = await askAll(database, { make, count: MESSAGES, now });
				const bad = outcomes.filter(({ ms, limitMs, scans }) => ms > limitMs || scans.length > 0);
				expect(bad, JSON.stringify(bad, undefined, 2)).to.deep.equal([]);
			} finally {
				await database.close();
			}
		});
	}
});
