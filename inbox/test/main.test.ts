import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { freePort } from '../../test/support/free-port.js';
import { EventStream } from './page/event-stream.js';
import { type InboxProcess, spawnInbox, startInbox } from './support/inbox-process.js';
import { reportXml, sendReport } from './support/report-request.js';
import { START_TIMEOUT } from './support/temporary-database.js';

describe('start', function () {
	this.timeout(START_TIMEOUT);
	let folder: string;
	let inbox: InboxProcess | undefined;

	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-start-'));
	});
	afterEach(async () => {
		if (inbox?.child.exitCode === null && inbox.child.signalCode === null) await inbox.end('SIGKILL');
	});
	after(() => rm(folder, { recursive: true }));

	it('says in one sentence what is wrong with the configuration', async () => {
		const child = spawnInbox({ PORT: 'http', MM7_USER: 'sinch' });
		let text = '';
		child.stderr?.on('data', (chunk: Buffer) => {
			text += chunk;
		});
		const [code] = await once(child, 'close');
		expect(code).to.equal(1);
		expect(text).to.equal(
			'The configuration is wrong:\n' +
				'  MM7_PASSWORD is missing: MM7_USER and MM7_PASSWORD go together\n' +
				'  PORT must be a port number, not "http"\n',
		);
	});

	it('says in one sentence that the database is not there', async () => {
		const child = spawnInbox({ DATABASE_URL: `postgres://inbox:hush@127.0.0.1:${await freePort()}/inbox` });
		let text = '';
		child.stderr?.on('data', (chunk: Buffer) => {
			text += chunk;
		});
		const [code] = await once(child, 'close');
		expect(code).to.equal(1);
		expect(text).to.match(/^The database cannot be opened: connect ECONNREFUSED 127\.0\.0\.1:\d+\n$/);
	});

	/** What a process that cannot start says. */
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

	it('says in one line that the port is in use, and how to choose another, before it touches the database', async () => {
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

	it('says in one line that the folder cannot be written', async () => {
		const file = path.join(folder, 'file');
		await writeFile(file, '');
		const text = await failure({ DATA_DIR: path.join(file, 'data') });
		expect(text).to.match(/^The database cannot be opened: ENOTDIR: .*\/file\/data'\n$/);
	});

	it('prints the address of the machine for the provider where it listens on all', async () => {
		inbox = await startInbox({ DATA_DIR: folder, HOST: '0.0.0.0' });
		const [, provider = ''] = /URL for the provider: +(\S+)/.exec(inbox.lines.join('\n')) ?? [];
		expect(provider)
			.to.match(/^http:\/\/.+:\d+\/mm7$/)
			.and.not.match(/localhost|127\.0\.0\.1|0\.0\.0\.0/);
		expect(await inbox.end('SIGTERM')).to.equal(0);
	});

	it('says to who posts to the root where reports are received', async () => {
		inbox = await startInbox({ DATA_DIR: folder });
		const answer = await fetch(inbox.url, { method: 'POST', body: reportXml() });
		expect(answer.status).to.equal(404);
		expect(await answer.text()).to.equal('Delivery reports are received at /mm7: POST them there.\n');
		expect(await inbox.end('SIGTERM')).to.equal(0);
	});

	it('prints what to open and what to paste, and the command works', async () => {
		inbox = await startInbox({ DATA_DIR: folder });
		const text = inbox.lines.join('\n');
		expect(text).to.include(`Page with the reports:  ${inbox.url}/?token=`);
		expect(text).to.include(`URL for the provider:   ${inbox.url}/mm7`);
		const [, url = '', file = ''] =
			/curl -i '(\S+)' -H 'Content-Type: text\/xml' --data-binary '@(\S+)'/.exec(text) ?? [];
		expect(path.isAbsolute(file)).to.equal(true);
		const body = await readFile(file);
		const answer = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'text/xml' }, body });
		expect(await answer.text()).to.include('<StatusCode>1000<');
		expect(await inbox.end('SIGTERM')).to.equal(0);
	});

	it('stops by a signal: answers what it was receiving, ends the pages, and exits with 0', async () => {
		inbox = await startInbox({ DATA_DIR: folder });
		const page = new EventStream(inbox.url, inbox.bearer);
		await page.next();

		const { port } = new URL(inbox.url);
		const [first, last] = [new SlowSender(port), new SlowSender(port)];
		await Promise.all([first.accepted(), last.accepted()]);

		const exit = inbox.end('SIGTERM');
		await page.closed();
		// the connection of the first closes when it is answered; that of the last stays open meanwhile
		first.finish();
		await first.closed();
		last.finish();
		await last.closed();
		expect(await exit).to.equal(0);
		for (const { answer } of [first, last]) {
			expect(answer).to.match(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK/);
			expect(answer).to.include('<StatusCode>1000<');
		}
		expect(inbox.lines.at(-1)).to.include('"msg":"stopped"');
	});

	it('stops at once although a connection was opened in advance and never used', async () => {
		inbox = await startInbox({ DATA_DIR: folder });
		const socket = connect(Number(new URL(inbox.url).port), '127.0.0.1');
		await once(socket, 'connect');
		const start = performance.now();
		expect(await inbox.end('SIGTERM')).to.equal(0);
		expect(performance.now() - start).to.be.below(10_000);
		socket.destroy();
	});

	it('ends with a code other than 0 when the database is damaged', async () => {
		const dataDir = await mkdtemp(path.join(folder, 'damaged-'));
		inbox = await startInbox({ DATA_DIR: dataDir });
		await sendReport(inbox.url, reportXml());
		expect(await inbox.end('SIGTERM')).to.equal(0);
		const file = path.join(dataDir, 'inbox.sqlite');
		const content = await readFile(file);
		// what says that it is a database stays
		await writeFile(file, content.fill('x', 4096));

		inbox = await startInbox({ DATA_DIR: dataDir });
		const exited = once(inbox.child, 'exit');
		await sendReport(inbox.url, reportXml()).catch(() => {});
		expect((await exited)[0]).to.equal(1);
		expect(inbox.lines.join('\n')).to.match(/"level":60.*"the database is broken, so this process ends"/);
	});

	it('ends at once by a second signal', async () => {
		inbox = await startInbox({ DATA_DIR: folder });
		const { child } = inbox;
		const sender = new SlowSender(new URL(inbox.url).port);
		await sender.accepted();

		const exited = once(child, 'exit');
		child.kill('SIGTERM');
		// signals that come together count as one, so this one is repeated until it counts
		const again = setInterval(() => child.kill('SIGTERM'), 100);
		const [, signal] = await exited;
		clearInterval(again);
		expect(signal).to.equal('SIGKILL');
	});
});

/** A provider that has begun with a request and takes its time. */
class SlowSender {
	answer = '';
	readonly #body = reportXml();
	readonly #socket: Socket;

	constructor(port: string) {
		this.#socket = connect(Number(port), '127.0.0.1');
		this.#socket.on('error', () => {});
		const length = Buffer.byteLength(this.#body);
		this.#socket.write('POST /mm7 HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\n');
		this.#socket.write(`Content-Length: ${length}\r\nExpect: 100-continue\r\n\r\n`);
		this.#socket.on('data', (chunk: Buffer) => {
			this.answer += chunk;
		});
	}

	/** The server has begun with the request: it says "Continue". */
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
