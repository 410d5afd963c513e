import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { freePort } from '../../../test/support/free-port.js';
import { type Cluster, makeCluster } from '../../../test/support/postgres-cluster.js';
import type { Database } from '../../lib/store/database.js';
import { openDatabase } from '../../lib/store/open-database.js';
import { eventually } from '../support/eventually.js';
import { type InboxProcess, startInbox } from '../support/inbox-process.js';
import { audit } from './audit.js';
import { Provider } from './provider.js';

/** Reports to send; a third of the messages get theirs in reverse order, and one in twenty is sent twice. */
const REPORTS = Number(process.env['NEMESIS_REPORTS'] ?? 4_000);
/** One fault for this many reports: 20 of the application, 10 of an inbox and 5 of the database in 20,000. */
const FAULTS: readonly ['application' | 'inbox' | 'database', reports: number][] = [
	['inbox', 2_000],
	['database', 4_000],
	// last, so that it is up when an inbox dies: that inbox has not stored what was accepted
	['application', 1_000],
];
const INBOXES = 2;
/** More than a lease. */
const MAX_WAIT_MS = 60_000;

const SECRET = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;

/** A request as application.py writes it. */
interface Received {
	readonly isGenuine: boolean;
	readonly id: string;
	readonly sentAt: string;
	readonly signature: string;
	readonly body: string;
}

describe('forwarding under load, with faults', function () {
	this.timeout(900_000);

	let folder: string;
	let file: string;
	let cluster: Cluster;
	let env: Record<string, string>;
	let applicationPort: number;
	let application: ChildProcess | undefined;
	let inboxes: InboxProcess[];
	let ports: number[];
	let provider: Provider;
	let database: Database;
	let received: Received[];

	before(async () => {
		folder = mkdtempSync(path.join(tmpdir(), 'inbox-forwarding-'));
		file = path.join(folder, 'events');
		cluster = await makeCluster();
		await cluster.start();
		applicationPort = await freePort();
		env = {
			DATABASE_URL: await cluster.createDatabase('inbox'),
			FORWARD_URL: `http://127.0.0.1:${applicationPort}/events`,
			FORWARD_SECRET: SECRET,
		};
		startApplication();
		ports = await Promise.all(Array.from({ length: INBOXES }, () => freePort()));
		inboxes = [];
		// the first one creates the tables
		for (const port of ports) inboxes.push(await startInbox({ ...env, PORT: String(port) }));
		provider = new Provider(inboxes.map(({ url }) => url));
	});
	after(async () => {
		provider?.abandon();
		await Promise.all((inboxes ?? []).map((inbox) => inbox.end('SIGKILL')));
		application?.kill('SIGKILL');
		await database?.close();
		await cluster?.remove();
		rmSync(folder, { recursive: true });
	});

	function startApplication(): void {
		const args = [path.join(__dirname, 'application.py'), String(applicationPort), file];
		const options = { env: { ...process.env, FORWARD_SECRET: SECRET }, stdio: 'inherit' } as const;
		application = spawn('python3', args, options);
	}

	const faults = {
		async application() {
			const exited = application && once(application, 'exit');
			application?.kill('SIGKILL');
			await exited;
			startApplication();
		},
		async inbox() {
			const index = Math.floor(Math.random() * INBOXES);
			await inboxes[index]?.end('SIGKILL');
			inboxes[index] = await startInbox({ ...env, PORT: String(ports[index]) });
		},
		async database() {
			await cluster.stop('immediate');
			await cluster.start();
		},
	};

	it('survives faults of the application, the inboxes and the database', async () => {
		const counts = { application: 0, inbox: 0, database: 0 };
		const STEP = 500;
		for (let reports = STEP; reports <= REPORTS; reports += STEP) {
			await provider.acknowledged(reports - provider.ledger.length);
			for (const [name, interval] of FAULTS) {
				if (reports % interval !== 0) continue;
				await faults[name]();
				counts[name]++;
			}
		}
		await provider.stop();
		console.log(`      ${provider.ledger.length} reports acknowledged; faults: ${JSON.stringify(counts)}`);
	});

	it('sends every event to the end', async () => {
		database = await openDatabase({ databaseUrl: env['DATABASE_URL'], dataDir: '' });
		// a retry may be due in hours; what is leased is due earlier
		const sql = `UPDATE events SET due_at = now() WHERE due_at > ${database.dialect.timeAfter('40')}`;
		const isDone = async () => {
			await database.write({ sql });
			return (await database.query('SELECT id FROM events WHERE due_at IS NOT NULL LIMIT 1')).length === 0;
		};
		await eventually('the last event', isDone, MAX_WAIT_MS + REPORTS * 10);
		for (const inbox of inboxes) expect(await inbox.end('SIGTERM')).to.equal(0);
		received = readFileSync(file, 'utf8')
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line));
		expect(received.filter(({ isGenuine }) => !isGenuine)).to.deep.equal([]);
	});

	it('has lost no report and no event, and gave up on none', async () => {
		expect(await audit(database, provider.ledger)).to.deep.equal({
			lost: 0,
			storedTwice: 0,
			regressed: 0,
			miscounted: 0,
		});
		const [row] = await database.query<{ recorded: number; givenUp: number; messages: number }>(
			`SELECT count(*)::integer AS recorded, count(gave_up_at)::integer AS "givenUp",
				count(DISTINCT message_key)::integer AS messages FROM events`,
		);
		const ids = new Set(received.map(({ id }) => id));
		console.log(`      ${row?.recorded} events of ${row?.messages} messages, received ${received.length} times`);
		expect([ids.size, row?.givenUp]).to.deep.equal([row?.recorded, 0]);
		const [all] = await database.query<{ messages: number }>('SELECT count(*)::integer AS messages FROM messages');
		expect(row?.messages).to.equal(all?.messages);
	});

	it('has sent the same body under each id', () => {
		const bodies = new Map<string, string>();
		for (const { id, body } of received) {
			expect(bodies.get(id) ?? body).to.equal(body);
			bodies.set(id, body);
		}
	});

	it('has sent the events of each message in order, up to its current state', async () => {
		const states = new Map<string, string[]>();
		const seen = new Set<string>();
		for (const { id, body } of received) {
			if (seen.has(id)) continue;
			seen.add(id);
			const { data } = JSON.parse(body);
			const before = states.get(data.id) ?? [];
			expect(data.previousState, data.messageId).to.equal(before.at(-1));
			states.set(data.id, [...before, data.state]);
		}
		const messages = await database.search<{ key: string; state: string }>('SELECT key, state FROM messages');
		const wrong = messages.filter(({ key, state }) => states.get(key)?.at(-1) !== state);
		expect(wrong).to.deep.equal([]);
	});

	it('has signed them so that the published verifier accepts them, and nothing else', () => {
		const webhook = new Webhook(SECRET);
		const { id, signature, sentAt, body } = received.at(-1) as Received;
		const headersAt = (time: string, sign: string) => ({
			'webhook-id': id,
			'webhook-timestamp': time,
			'webhook-signature': sign,
		});
		expect(webhook.verify(body, headersAt(sentAt, signature))).to.deep.equal(JSON.parse(body));
		const changed = body.replace('"state":"', '"state":"x');
		expect(() => webhook.verify(changed, headersAt(sentAt, signature))).to.throw('No matching signature');
		const old = new Date(Date.now() - 6 * 60_000);
		const signed = headersAt(String(Math.floor(old.getTime() / 1000)), webhook.sign(id, old, body));
		expect(() => webhook.verify(body, signed)).to.throw('timestamp too old');
	});
});
