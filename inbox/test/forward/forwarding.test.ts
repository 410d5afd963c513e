import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import type { Database, Statement } from '../../lib/store/database.js';
import { type DueEvent, Outbox } from '../../lib/store/outbox.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { Application } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { readReplyXml, report, reportXml, sendReport } from '../support/report-request.js';
import { serveInbox } from '../support/serve.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';
import { describeForwarding } from './forwarding.suite.js';

const DOCUMENT = path.join(__dirname, '..', '..', '..', 'docs', 'applications.md');

describe('forwarding from SQLite', () => {
	describeForwarding(openTemporaryDatabase);

	it('sends the types and fields that docs/applications.md lists', async () => {
		const [database, application] = [await openTemporaryDatabase(), await Application.start()];
		const inbox = await serveInbox(database, application.env);
		try {
			const reports = new ReportRepository(database);
			const messageId = '480000000000000001';
			const submittedAt = new Date();
			await reports.register({ messageId, recipients: ['12015550123'], reference: 'order-7', submittedAt });
			for (const mmStatus of ['Forwarded', 'Retrieved']) {
				await sendReport(inbox.url, reportXml({ messageId, mmStatus }), { 'x-mblox-operator-id': '31003' });
			}
			await sendReport(inbox.url, readReplyXml({ messageId }));
			await eventually('all events', () => application.events.length === 3);
			const rows = /## What an event says(.*?)\n## /s.exec(await readFile(DOCUMENT, 'utf8'))?.[1] ?? '';
			const documented = Array.from(
				rows.matchAll(/^\| (`.+?) \|/gm),
				([, cell = '']) => cell.match(/[\w.]+/g) ?? [],
			).flat();
			const sent = application.events.flatMap(({ type, data }) => [type, ...Object.keys(data)]);
			// it takes ten seconds until a message is found to be overdue
			expect(documented).to.have.members([...new Set(['message.overdue', ...sent])]);
		} finally {
			await inbox.close();
			await application.close();
			await database.close();
		}
	});

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
