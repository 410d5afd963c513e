import { type ChildProcess, execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { makeCluster } from '../../../test/support/postgres-cluster.js';
import { openDatabase } from '../../lib/store/open-database.js';
import { eventually } from '../support/eventually.js';
import { type InboxProcess, spawnInbox, startInbox } from '../support/inbox-process.js';
import { readReplyXml, reportXml, sendReport } from '../support/report-request.js';
import { Roles } from '../support/roles.js';

const MAIN = path.join(__dirname, '../../dist/main.js');

describe('mm7-inbox in roles', () => {
	let folder: string;
	let roles: Roles;
	const started: ChildProcess[] = [];

	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'mm7-roles-'));
		roles = await Roles.start({ nodes: 1, receivers: 2, workers: 2, env: { DATA_DIR: folder, PROVIDERS: 'vibes' } });
	});
	after(async () => {
		for (const child of started) child.kill('SIGKILL');
		await roles?.stop('SIGKILL');
		await rm(folder, { recursive: true });
	});

	const receiver = () => roles.all('receive')[0] as InboxProcess;

	async function get(inbox: InboxProcess, where: string): Promise<string> {
		return (await fetch(inbox.url + where, { headers: inbox.bearer })).text();
	}

	const onPage = (text: string, where = '/') =>
		eventually(`${text} on the page`, async () => (await get(roles.page, where)).includes(text));

	async function metricOf(role: 'receive' | 'work', line: string): Promise<number> {
		const texts = await Promise.all(roles.all(role).map((inbox) => get(inbox, '/metrics')));
		const values = texts.map((text) => text.split('\n').find((one) => one.startsWith(line)));
		return values.reduce((sum, value) => sum + Number(value?.split(' ').at(-1) ?? 0), 0);
	}

	/** Runs a command such as `queue status`. */
	async function command(args: string, env: Record<string, string> = roles.env): Promise<string> {
		const running = promisify(execFile)(process.execPath, [MAIN, ...args.split(' ')], { env, cwd: folder });
		const { stdout, stderr } = await running.catch((error: { stdout: string; stderr: string }) => error);
		return stdout + stderr;
	}

	it('shows a report, its copy and a read reply on the page, and counts them in each role', async () => {
		const xml = reportXml({ messageId: 'through-the-queue' });
		expect(await sendReport(receiver().url, xml)).to.include({ statusCode: 1000 });
		await onPage('through-the-queue');
		expect(await sendReport((roles.all('receive')[1] as InboxProcess).url, xml)).to.include({ statusCode: 1000 });
		expect(await sendReport(receiver().url, readReplyXml({ messageId: 'read' }))).to.include({ statusCode: 1000 });
		await onPage('read');
		expect(
			await metricOf('receive', 'mm7_reports_total{state="delivered",outcome="queued",provider="default"}'),
		).to.equal(2);
		expect(
			await metricOf('work', 'mm7_reports_total{state="delivered",outcome="current",provider="default"}'),
		).to.equal(1);
		expect(
			await metricOf('work', 'mm7_reports_total{state="delivered",outcome="duplicate",provider="default"}'),
		).to.equal(1);
		expect(
			await metricOf('work', 'mm7_read_replies_total{state="read",outcome="current",provider="default"}'),
		).to.equal(1);
		expect(await command('queue status'))
			.to.match(/waiting for a worker\D+0 /)
			.and.match(/workers\D+2 /)
			.and.match(/messages delivered\D+2 /)
			.and.match(/dead letters\D+0 /);
		expect(await command('queue replay')).to.equal('0 dead letters moved back into the queue\n');
	});

	it('keeps the provider of a report', async () => {
		const xml = reportXml({ messageId: 'of-vibes' });
		expect(await sendReport(receiver().url, xml, {}, '/mm7/vibes')).to.include({ statusCode: 1000 });
		await onPage('of-vibes', '/?provider=vibes');
		expect(await metricOf('work', 'mm7_reports_total{state="delivered",outcome="current",provider="vibes"}')).to.equal(
			1,
		);
	});

	it('shows a refused request on the page', async () => {
		await sendReport(receiver().url, '<broken>');
		await onPage('ERR_MM7_XML', '/refused');
	});

	it('has a health check and protected metrics in every role', async () => {
		for (const inbox of [receiver(), roles.all('work')[0] as InboxProcess, roles.page]) {
			expect(await get(inbox, '/healthz')).to.equal('{"status":"ok"}');
			expect((await fetch(`${inbox.url}/metrics`)).status).to.equal(401);
		}
	});

	it('does not receive reports in the role "page"', async () => {
		const response = await fetch(`${roles.page.url}/mm7`, { method: 'POST', body: reportXml() });
		expect([response.status, await response.text()]).to.deep.equal([404, 'This process does not receive reports\n']);
	});

	it('does everything in one process without a role', async () => {
		const inbox = await startInbox(roles.env);
		started.push(inbox.child);
		expect(await sendReport(inbox.url, reportXml({ messageId: 'all-in-one' }))).to.include({ statusCode: 1000 });
		await eventually('the report on its page', async () => (await get(inbox, '/')).includes('all-in-one'));
		expect(await inbox.end('SIGTERM')).to.equal(0);
	});

	it('waits for a database that is down', async () => {
		const postgres = await makeCluster();
		try {
			await postgres.start();
			const databaseUrl = await postgres.createDatabase('inbox');
			await postgres.stop();
			const env = { ...roles.env, DATABASE_URL: databaseUrl };
			const worker = startInbox(env, { role: 'work' });
			worker.then(
				({ child }) => started.push(child),
				() => {},
			);
			await postgres.start();
			expect(await (await worker).end('SIGTERM')).to.equal(0);
			const database = await openDatabase({ databaseUrl, dataDir: '' });
			expect(await database.query('SELECT * FROM reports')).to.deep.equal([]);
			await database.close();
		} finally {
			await postgres.remove();
		}
	});

	it('explains in one line that a role needs a queue, or that the queue has different settings', async () => {
		for (const role of ['receive', 'work', 'queue status'] as const) {
			expect(await command(role, {})).to.equal(`RABBITMQ_URL is missing: "mm7-inbox ${role}" requires a queue\n`);
		}
		expect(await command('recieve', {})).to.match(/^Usage: mm7-inbox /);
		const other = spawnInbox({ ...roles.env, QUEUE_MAX_ATTEMPTS: '7' }, { role: 'work' });
		let output = '';
		other.stdout?.on('data', (chunk: Buffer) => {
			output += chunk;
		});
		const [code] = await once(other, 'exit');
		expect(code).to.equal(1);
		expect(output).to.include('The queue mm7.requests was created with another QUEUE_MAX_BYTES or QUEUE_MAX_ATTEMPTS');
	});

	it('exits with 0 in all roles', async () => {
		expect(await roles.stop()).to.deep.equal([0, 0, 0, 0, 0]);
	});
});
