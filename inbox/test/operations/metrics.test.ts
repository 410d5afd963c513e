import { expect } from 'chai';
import type { Database } from '../../lib/store/database.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { serveInbox } from '../support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

describe('/metrics', () => {
	let database: Database;
	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
	});
	after(() => database?.close());

	async function metrics(env: Record<string, string> = {}): Promise<string> {
		const inbox = await serveInbox(database, env);
		try {
			return await (await fetch(`${inbox.url}/metrics`, { headers: inbox.bearer })).text();
		} finally {
			await inbox.close();
		}
	}

	it('counts overdue messages with OVERDUE_AFTER', async () => {
		const submittedAt = new Date(Date.now() - 60_000);
		await new ReportRepository(database).register({ messageId: 'm1', recipients: ['12015550123'], submittedAt });
		expect(await metrics()).not.to.include('mm7_overdue');
		const text = await metrics({ OVERDUE_AFTER: '30s' });
		expect(text).to.include('mm7_overdue{kind="no-report"} 1\n').and.to.include('mm7_overdue{kind="no-receipt"} 0\n');
	});
});
