import { expect } from 'chai';
import type { Database, Statement } from '../../lib/store/database.js';
import { type DueEvent, Outbox } from '../../lib/store/outbox.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { report } from '../support/report-request.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';
import { describeForwarding } from './forwarding.suite.js';

describe('forwarding from SQLite', () => {
	describeForwarding(openTemporaryDatabase);

	it('never reads all events', async () => {
		const database = await openTemporaryDatabase();
		try {
			const statements: Statement[] = [];
			const recorded: Database = {
				...database,
				query: (sql, values = []) => {
					statements.push({ sql, values });
					return database.query(sql, values);
				},
				write: (...all) => {
					statements.push(...all);
					return database.write(...all);
				},
			};
			const outbox = new Outbox(recorded);
			await outbox.turn(true);
			await new ReportRepository(database).store(await report());
			const { events } = await outbox.exchange([], 10);
			const attempt = { startedAt: '', durationMs: 1 };
			await outbox.exchange([{ event: events[0] as DueEvent, attempt, outcome: 'given up' }], 10);
			await outbox.resend(events[0]?.message.key ?? '');
			expect(statements).to.have.length.above(6);
			for (const { sql, values = [] } of statements) {
				const question = `EXPLAIN QUERY PLAN ${sql}`;
				const plan = await database.query<{ detail: string }>(question, values);
				const details = plan.map(({ detail }) => detail);
				expect(
					details.filter((detail) => /^SCAN (event|first)/.test(detail)),
					sql,
				).to.deep.equal([]);
			}
		} finally {
			await database.close();
		}
	});
});
