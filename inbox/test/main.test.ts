import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { expect } from 'chai';
import { freePort } from '../../test/support/free-port.js';
import { openFile } from '../lib/store/sqlite/engine.js';
import { EventStream } from './page/event-stream.js';
import { eventually } from './support/eventually.js';
import { type InboxProcess, spawnInbox, startInbox } from './support/inbox-process.js';
import { reportXml, sendReport } from './support/report-request.js';
import { START_TIMEOUT_MS } from './support/temporary-database.js';

describe('mm7-inbox', function () {
	this.timeout(START_TIMEOUT_MS);
	let folder: string;
	let inbox: InboxProcess | undefined;

	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-start-'));
	});
	afterEach(() => inbox?.end('SIGKILL'));
	after(() => rm(folder, { recursive: true }));

	/** Returns the error output of a process that cannot start. */
	async function failure(env: Record<string, string>): Promise<string> {
		const child = spawnInbox(env);
		let text = '';
		child.stderr?.on('data', (chunk: Buffer) => {
			text += chunk;
		});
		const [code] = await once(child, 'close');
		expect(code).to.equal(1);
		return text;
	}

	it('shows demo data that it says is invented, and deletes it at the end', async () => {
		inbox = await startInbox({ PORT: '', DATA_DIR: path.join(folder, 'real'), TMPDIR: folder }, { role: 'demo' });
		const response = await fetch(inbox.url, { headers: inbox.bearer });
		expect(await response.text())
			.to.include('Demo data')
			.and.include('<h1 class="hidden">Messages</h1>');
		const { url, bearer: headers } = inbox;
		const page = async (place: string) => (await fetch(`${url}/${place}`, { headers })).text();
		const silent = await page('?overdue=no-report');
		const [, message = ''] = /href="(message\?key=[^"]+)"/.exec(silent) ?? [];
		await eventually('an accepted event', async () => /message\.overdue.*Accepted/s.test(await page(message)));
		const demos = async () => (await readdir(folder)).filter((name) => name !== 'file');
		expect(await demos()).to.have.length(1);
		expect(await inbox.end('SIGTERM')).to.equal(0);
		expect(await demos()).to.deep.equal([]);
	});

	it('deletes demo data that is still being made', async () => {
		const child = spawnInbox({ PORT: '', TMPDIR: folder }, { role: 'demo' });
		const demos = async () => (await readdir(folder)).filter((name) => name.startsWith('mm7-inbox-demo-'));
		child.stdout?.once('data', () => child.kill('SIGTERM'));
		expect(await once(child, 'close')).to.deep.equal([0, null]);
		expect(await demos()).to.deep.equal([]);
	});

	it('reports an invalid configuration', async () => {
		expect(await failure({ PORT: 'http', MM7_USER: 'sinch' })).to.equal(
			'Invalid configuration:\n' +
				'  MM7_PASSWORD is missing: set both MM7_USER and MM7_PASSWORD\n' +
				'  PORT must be a port number, not "http"\n',
		);
	});

	it('reports in one line that the database is unavailable', async () => {
		const text = await failure({ DATABASE_URL: `postgres://inbox:hush@127.0.0.1:${await freePort()}/inbox` });
		expect(text).to.match(/^The database cannot be opened: connect ECONNREFUSED 127\.0\.0\.1:\d+\n$/);
	});

	it('reports in one line that the port is in use, before it touches the database', async () => {
		const server = createServer().listen(0, '127.0.0.1');
		await once(server, 'listening');
		const { port } = server.address() as AddressInfo;
		try {
			const dataDir = path.join(folder, 'untouched');
			expect(await failure({ PORT: String(port), DATA_DIR: dataDir })).to.equal(
				`Port ${port} is in use. Choose another one, such as PORT=${port + 1}\n`,
			);
			expect(existsSync(dataDir)).to.equal(false);
		} finally {
			server.close();
		}
	});

	it('reports in one line that the folder is not writable', async () => {
		const file = path.join(folder, 'file');
		await writeFile(file, '');
		const text = await failure({ DATA_DIR: path.join(file, 'data') });
		expect(text).to.match(/^The database cannot be opened: ENOTDIR: .*\/file\/data'\n$/);
	});

	it('prints URLs to open and a command that works; on a signal it finishes requests and exits with 0', async () => {
		inbox = await startInbox({ DATA_DIR: folder });
		const text = inbox.lines.join('\n');
		expect(text).to.include(`Page with the reports:  ${inbox.url}/?token=`);
		const [, url = '', file = ''] =
			/curl -i '(\S+)' -H 'Content-Type: text\/xml' --data-binary '@(\S+)'/.exec(text) ?? [];
		const body = await readFile(file);
		const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body });
		expect(await response.text()).to.include('<StatusCode>1000<');

		const page = new EventStream(inbox.url, inbox.bearer);
		await page.next();
		const { port } = new URL(inbox.url);
		// browsers open connections in advance
		const unused = connect(Number(port), '127.0.0.1');
		await once(unused, 'connect');
		const [first, last] = [new SlowSender(port), new SlowSender(port)];
		await Promise.all([first.accepted(), last.accepted()]);

		const exit = inbox.end('SIGTERM');
		await page.closed();
		// the first connection closes after its response, while the last one is still open
		first.finish();
		await first.closed();
		last.finish();
		await last.closed();
		expect(await exit).to.equal(0);
		for (const { received } of [first, last]) {
			expect(received).to.match(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
			expect(received).to.include('<StatusCode>1000<');
		}
		expect(inbox.lines.at(-1)).to.include('"complete":true,"msg":"stopped"');
		unused.destroy();
	});

	// process 1 of a container ignores a signal that nothing listens for
	it('stops by a signal while it waits for its database', async () => {
		const env = { DATABASE_URL: `postgres://inbox:hush@127.0.0.1:${await freePort()}/inbox` };
		const child = spawnInbox(env, { role: 'page' });
		const exited = once(child, 'exit');
		for await (const line of createInterface(child.stdout as Readable)) {
			if (line.includes('"waiting for the database"')) child.kill('SIGTERM');
		}
		expect(await exited).to.deep.equal([0, null]);
	});

	it('exits with an error if the database is damaged', async () => {
		const dataDir = await mkdtemp(path.join(folder, 'damaged-'));
		inbox = await startInbox({ DATA_DIR: dataDir });
		await sendReport(inbox.url, reportXml());
		expect(await inbox.end('SIGTERM')).to.equal(0);
		const file = path.join(dataDir, 'inbox.sqlite');
		const connection = openFile(file);
		const [table] = connection
			.prepare("SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'reports'")
			.all();
		connection.close();
		const { rootpage, page_size: size } = table as { rootpage: number; page_size: number };
		// what a start reads remains
		await writeFile(file, (await readFile(file)).fill('x', (rootpage - 1) * size, rootpage * size));

		inbox = await startInbox({ DATA_DIR: dataDir });
		const exited = once(inbox.child, 'exit');
		await sendReport(inbox.url, reportXml()).catch(() => {});
		expect((await exited)[0]).to.equal(1);
		expect(inbox.lines.join('\n')).to.match(/"level":60.*"database broken; ending the process"/);
	});

	it('is killed by a second signal', async () => {
		inbox = await startInbox({ DATA_DIR: folder });
		const { child } = inbox;
		const sender = new SlowSender(new URL(inbox.url).port);
		await sender.accepted();

		const exited = once(child, 'exit');
		child.kill('SIGTERM');
		// repeated, because signals close together count as one
		const again = setInterval(() => child.kill('SIGTERM'), 100);
		const [, signal] = await exited;
		clearInterval(again);
		expect(signal).to.equal('SIGKILL');
	});
});

/** A provider that starts a request and takes its time. */
class SlowSender {
	received = '';
	readonly #body = reportXml();
	readonly #socket: Socket;

	constructor(port: string) {
		this.#socket = connect(Number(port), '127.0.0.1');
		this.#socket.on('error', () => {});
		const length = Buffer.byteLength(this.#body);
		this.#socket.write('POST /mm7 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n');
		this.#socket.write(`Content-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`);
		this.#socket.on('data', (chunk: Buffer) => {
			this.received += chunk;
		});
	}

	/** Settles when the server has accepted the request with "100 Continue". */
	async accepted(): Promise<void> {
		await once(this.#socket, 'data');
	}

	finish(): void {
		this.#socket.write(this.#body);
	}

	async closed(): Promise<void> {
		if (!this.#socket.closed) await once(this.#socket, 'close');
	}
}
