import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Webhook } from 'standardwebhooks';
import { freePort } from '../../../test/support/free-port.js';
import { codeIn, ROOT, readMarkdown } from '../../../test/support/markdown.js';
import type { Database } from '../../lib/store/database.js';
import { eventually } from '../support/eventually.js';
import { reportXml, sendReport } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';

/** Inside the repository, so that Node.js finds its packages. */
const FOLDER = path.join(ROOT, '.samples', `events-${process.pid}`);
const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const document = readMarkdown('docs/applications.md');
/** The port in the document. */
const PORT = '8000';
const MAX_LINES = 19;

/** The receivers in the document: language, file, and how to run it on a port. */
const RECEIVERS: readonly [language: string, file: string, command: (file: string, port: number) => string[]][] = [
	['php', 'events.php', (file, port) => ['php', '-S', `127.0.0.1:${port}`, file]],
	['python', 'events.py', (file) => ['python3', file]],
	['mjs', 'events.mjs', (file) => [process.execPath, file]],
];

const codeOf = (language: string): string => codeIn(document, language).at(-1)?.value ?? '';

describe('the receivers in docs/applications.md', () => {
	let database: Database;
	let inbox: ServedInbox | undefined;
	let receiver: ChildProcess | undefined;
	let lines: string[];
	let url: string;

	before(() => mkdirSync(FOLDER, { recursive: true }));
	beforeEach(async () => {
		database = await openTemporaryDatabase();
	});
	afterEach(async () => {
		await inbox?.close();
		await database.close();
		const exited = receiver && once(receiver, 'exit');
		receiver?.kill();
		await exited;
		receiver = undefined;
	});
	after(() => rmSync(FOLDER, { recursive: true }));

	async function start([language, name, command]: (typeof RECEIVERS)[number]): Promise<void> {
		const port = await freePort();
		const file = path.join(FOLDER, name);
		writeFileSync(file, codeOf(language).replace(PORT, String(port)));
		const [program = '', ...args] = command(file, port);
		const env = { ...process.env, FORWARD_SECRET: SECRET };
		const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
		receiver = child;
		lines = [];
		for (const stream of [child.stdout, child.stderr]) createInterface(stream).on('line', (line) => lines.push(line));
		url = `http://127.0.0.1:${port}/`;
		await eventually('the receiver', () => fetch(url, { method: 'POST', body: '' }).then(() => true));
	}

	/** Sends an event to the receiver, and returns the status. */
	async function post(body: string, signed = body, sentAt = new Date()): Promise<number> {
		const headers = {
			'webhook-id': 'evt_1',
			'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
			'webhook-signature': `v1,other ${new Webhook(SECRET).sign('evt_1', sentAt, signed)}`,
		};
		return (await fetch(url, { method: 'POST', headers, body })).status;
	}

	for (const receiverOf of RECEIVERS) {
		const [language] = receiverOf;
		it(`accept the events of an inbox, and no others: ${language}`, async () => {
			expect(codeOf(language).split('\n').length).to.be.within(5, MAX_LINES);
			await start(receiverOf);
			inbox = await serveInbox(database, { FORWARD_URL: url, FORWARD_SECRET: SECRET });
			for (const mmStatus of ['Forwarded', 'Retrieved']) {
				await sendReport(inbox.url, reportXml({ messageId: 'm1', mmStatus }));
			}
			const seen = () => lines.flatMap((line) => /message\.updated m1 (\w+)/.exec(line)?.[1] ?? []);
			await eventually('the events', () => seen().length === 2);
			expect(seen()).to.deep.equal(['pending', 'delivered']);

			const body = '{"type":"message.updated","data":{"messageId":"m2","state":"delivered"}}';
			const MINUTE_MS = 60_000;
			expect(await post(body)).to.equal(204);
			expect(await post(body, body.replace('m2', 'm3'))).to.equal(401);
			expect(await post(body, body, new Date(Date.now() - 6 * MINUTE_MS))).to.equal(401);
			expect(await post(body, body, new Date(Date.now() + 6 * MINUTE_MS))).to.equal(401);
		});

		it(`accept the event that curl sends: ${language}`, async () => {
			await start(receiverOf);
			const env = { ...process.env, FORWARD_SECRET: SECRET, FORWARD_URL: url };
			expect((await promisify(execFile)('sh', ['-c', codeOf('sh')], { env })).stdout).to.match(/^HTTP\/1\.\d 204 /);
			await eventually('the event', () => lines.some((line) => line.includes('message.updated 1 delivered')));
		});
	}
});
