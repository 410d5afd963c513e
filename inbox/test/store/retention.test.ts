import { expect } from 'chai';
import { makeLogger } from '../../lib/log.js';
import type { Database } from '../../lib/store/database.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { report } from '../support/report-request.js';
import { type Served, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';

const DAY = 24 * 60 * 60 * 1000;

describe('RETENTION_DAYS', () => {
	let database: Database;
	let inbox: Served | undefined;
	beforeEach(async () => {
		database = await openTemporaryDatabase();
		const reports = new ReportRepository(database);
		const ages = [...Array(300).fill(31), 29];
		const received = await Promise.all(
			ages.map(async (age, index) => {
				const parsed = await report({ messageId: `m${index}` });
				return { ...parsed, receivedAt: new Date(Date.now() - age * DAY) };
			}),
		);
		await Promise.all(received.map((one) => reports.store(one)));
	});
	afterEach(async () => {
		await inbox?.close();
		inbox = undefined;
		await database.close();
	});

	async function count(): Promise<number> {
		return (await database.query('SELECT id FROM reports')).length;
	}

	it('deletes what is older, in several steps', async () => {
		const told = new Promise<{ deleted: number }>((resolve) => {
			const write = (line: string) => {
				const entry = JSON.parse(line);
				if (entry.msg === 'old reports are deleted') resolve(entry);
			};
			const log = makeLogger('info', { write });
			void serveInbox(database, { RETENTION_DAYS: '30' }, log).then((served) => {
				inbox = served;
			});
		});
		expect((await told).deleted).to.equal(300);
		expect(await count()).to.equal(1);
	});

	it('is off by default', async () => {
		inbox = await serveInbox(database);
		await inbox.close();
		inbox = undefined;
		expect(await count()).to.equal(301);
	});
});
