import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { parseResponse } from '../../lib/provider/testing/index.js';
import { itOnUnix } from '../support/on-unix.js';

const FOLDER = path.join(__dirname, '../../examples/basic');
const REPORT = readFileSync(path.join(FOLDER, 'report.xml'), 'utf8');

/** The example as a separate process, and its output. */
class Example {
	readonly process: ChildProcess;
	printed = '';
	readonly #output = new EventEmitter();

	constructor(port = '0') {
		const env = { ...process.env, PORT: port };
		this.process = spawn(process.execPath, ['--import', 'tsx', 'start.ts'], { cwd: FOLDER, env });
		for (const stream of [this.process.stdout, this.process.stderr]) {
			stream?.on('data', (text: Buffer) => {
				this.printed += text.toString();
				this.#output.emit('more');
			});
		}
	}

	async prints(pattern: RegExp): Promise<RegExpExecArray> {
		for (;;) {
			const found = pattern.exec(this.printed);
			if (found) return found;
			if (this.process.exitCode !== null) throw new Error(`the example ended: ${this.printed}`);
			await Promise.race([once(this.#output, 'more'), once(this.process, 'exit')]);
		}
	}

	async port(): Promise<number> {
		const [, port] = await this.prints(/http:\/\/127\.0\.0\.1:(\d+)\/mm7/);
		return Number(port);
	}

	/** Waits for its end and all of its output, and returns its exit code. */
	async end(): Promise<number> {
		const [code] = await once(this.process, 'close');
		return code as number;
	}
}

async function everything(socket: Socket): Promise<string> {
	let text = '';
	for await (const chunk of socket) text += chunk;
	return text;
}

describe('examples/basic', () => {
	let example: Example;

	beforeEach(() => {
		example = new Example();
	});
	afterEach(() => {
		example.process.kill('SIGKILL');
	});

	it('prints the report that its curl command sends', async () => {
		const port = await example.port();
		const [, url, type, file] = await example.prints(
			/curl -i '([^']+)' -H 'Content-Type: ([^']+)' --data-binary '@([^']+)'/,
		);
		expect(url).to.equal(`http://127.0.0.1:${port}/mm7`);
		expect(path.isAbsolute(file as string), file).to.equal(true);
		const body = readFileSync(file as string);
		const response = await fetch(url as string, { method: 'POST', headers: { 'Content-Type': type as string }, body });
		expect(response.status).to.equal(200);
		expect(parseResponse(await response.text())).to.include({ transactionId: '20260001', statusCode: 1000 });
		await example.prints(/480000000000000001 to 12015550123: Retrieved \(delivered\)/);
	});

	it('replaces control characters in a report', async () => {
		const port = await example.port();
		const body = REPORT.replace('480000000000000001', '\x1b[2J\x9b2J');
		await fetch(`http://127.0.0.1:${port}/mm7`, { method: 'POST', body });
		await example.prints(/^\ufffd\[2J\ufffd2J to 12015550123: /m);
	});

	it('prints why a report was not accepted, and a link to the documentation', async () => {
		const port = await example.port();
		const { status } = await fetch(`http://127.0.0.1:${port}/mm7`, { method: 'POST', body: '<html/>' });
		expect(status).to.equal(500);
		await example.prints(/Mm7Error: .+ \(docs\/errors\.md#err_mm7_not_soap\)/);
	});

	it('responds to a report at another path with a hint, and prints the path', async () => {
		const port = await example.port();
		const response = await fetch(`http://127.0.0.1:${port}/?a=b`, { method: 'POST', body: REPORT });
		expect(response.status).to.equal(404);
		expect(await response.text()).to.equal('Delivery reports are received at /mm7: POST them there.\n');
		await example.prints(/^POST \/\?a=b is not served here$/m);
	});

	it('cannot be reached from another machine', async () => {
		const port = await example.port();
		const [address] = Object.values(networkInterfaces())
			.flatMap((addresses) => addresses ?? [])
			.filter(({ internal, family }) => !internal && family === 'IPv4');
		if (address) await connectionRefused(port, address.address);
		await connectionRefused(port, '::1');
		await connectionRefused(port, '127.0.0.2');
	});

	it('reports in one line that its port is in use', async () => {
		const port = await example.port();
		const second = new Example(String(port));
		expect(await second.end()).to.equal(1);
		expect(second.printed).to.equal(`Port ${port} is in use: set PORT to another one\n`);
	});

	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		itOnUnix(`responds to the requests in progress before it exits on ${signal}`, async () => {
			const port = await example.port();
			const socket = connect(port, '127.0.0.1');
			const response = everything(socket);
			socket.write(`POST /mm7 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${REPORT.length}\r\n\r\n`);
			await once(socket, 'data'); // it has seen the request
			const exit = once(example.process, 'exit');
			example.process.kill(signal);
			await connectionRefused(port);
			socket.write(REPORT);
			expect(await response).to.match(/HTTP\/1\.1 200 OK[\s\S]*<StatusCode>1000</);
			expect(await exit).to.deep.equal([0, null]);
		});
	}
});

/** Waits until connections are refused. */
async function connectionRefused(port: number, host = '127.0.0.1'): Promise<void> {
	for (;;) {
		const socket = connect(port, host);
		try {
			await once(socket, 'connect');
			socket.destroy();
		} catch {
			return;
		}
	}
}
