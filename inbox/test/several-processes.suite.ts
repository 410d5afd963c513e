import { expect } from 'chai';
import fc from 'fast-check';
import { openDatabase } from '../lib/store/open-database.js';
import {
	type Arrival,
	anyMixedHistory,
	expectedRow,
	identityOf,
	type MixedHistory,
	times,
} from './store/report-repository.suite.js';
import { API_TOKEN, authorization } from './support/api-client.js';
import { type InboxProcess, startInbox } from './support/inbox-process.js';
import { readReplyXml, reportXml, sendReport } from './support/report-request.js';

const MESSAGES = 60;
const PROCESSES = 3;
const RECIPIENT = '12015550123';
/** The columns that do not depend on the time of arrival. */
const ROW_SQL = `SELECT state, mm_status, CAST(final AS integer) AS final, sender, reference, submitted_at
	FROM messages WHERE message_id = $1`;

/**
 * Tests that registrations and reports end in the same row, whichever process gets them over HTTP; run on every database.
 *
 * @param databaseOf - the environment variables that name a new database
 */
export function describeSeveralProcesses(databaseOf: () => Promise<Record<string, string>>): void {
	let env: Record<string, string>;
	let inboxes: InboxProcess[] = [];

	before(async function () {
		this.timeout(60_000);
		env = await databaseOf();
		for (let n = 0; n < PROCESSES; n++) inboxes.push(await startInbox({ ...env, API_TOKEN }));
	});
	after(async () => {
		await Promise.all(inboxes.map((inbox) => inbox.end('SIGTERM')));
		inboxes = [];
	});

	async function send(url: string, messageId: string, arrival: Arrival): Promise<void> {
		if (arrival.kind === 'registration') {
			const { sender, reference, submittedAt } = arrival;
			const { status } = await fetch(`${url}/api/messages/${messageId}`, {
				method: 'PUT',
				headers: { ...authorization(), 'Content-Type': 'application/json' },
				body: JSON.stringify({ recipients: [RECIPIENT], sender, reference, submittedAt }),
			});
			expect(status).to.equal(204);
		} else {
			const { mmStatus, date, transactionId } = arrival.said;
			const toXml = arrival.kind === 'read' ? readReplyXml : reportXml;
			const fields = { messageId, recipient: RECIPIENT, sender: arrival.from ?? null, mmStatus, transactionId };
			const response = await sendReport(url, toXml({ ...fields, date: date ?? null }));
			expect(response.statusCode).to.equal(1000);
		}
	}

	it('end in the same row as in any other order', async () => {
		const histories = fc.sample(anyMixedHistory, MESSAGES).map(overHttp);
		await Promise.all(
			histories.map(async ([arrivals, together], n) => {
				const all = arrivals.map(([arrival], index) => () => {
					const inbox = inboxes[(n + index) % PROCESSES] as InboxProcess;
					return send(inbox.url, `m${n}`, arrival);
				});
				if (together) await Promise.all(all.map((sendOne) => sendOne()));
				else for (const sendOne of all) await sendOne();
			}),
		);
		const database = await openDatabase({ databaseUrl: env['DATABASE_URL'], dataDir: env['DATA_DIR'] ?? '' });
		try {
			for (const [n, [arrivals]] of histories.entries()) {
				const { started_at, received_at, ...expected } = expectedRow(arrivals.map(([arrival]) => arrival));
				const rows = await database.query<Record<string, unknown>>(ROW_SQL, [`m${n}`]);
				expect(rows.map(times), JSON.stringify(arrivals)).to.deep.equal([expected]);
			}
		} finally {
			await database.close();
		}
	}).timeout(60_000);
}

/** What a provider can send: usual dates, one word for a read reply, and no time of submission in a report. */
function overHttp([arrivals, together]: MixedHistory): MixedHistory {
	const seen = new Map<string, Arrival>();
	const sent = arrivals.map(([arrival, inOther]): MixedHistory[0][number] => {
		if (arrival.kind === 'registration') return [arrival, inOther];
		const { submittedAt: _, ...rest } = arrival;
		const { date, ...said } = arrival.said;
		const day = date && new Date(Date.UTC(2026, 2, date.getTime() < 0 ? 1 : date.getTime() === 0 ? 2 : 3));
		const mmStatus = arrival.kind === 'read' ? 'Read' : said.mmStatus;
		const changed: Arrival = { ...rest, said: { ...said, mmStatus, ...(day && { date: day }) } };
		// read replies that differed in their word only are copies now
		const key = identityOf(changed);
		const first = seen.get(key) ?? changed;
		seen.set(key, first);
		return [first, inOther];
	});
	return [sent, together];
}
