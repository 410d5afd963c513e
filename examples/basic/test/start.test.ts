import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { parseAnswer } from 'mm7-delivery-reports/testing';

const FOLDER = path.join(__dirname, '..');
const REPORT = readFileSync(path.join(FOLDER, 'report.xml'), 'utf8');

/** The example as a process of its own, with what it prints. */
class Example {
	readonly process: ChildProcess;
	printed = '';

	constructor() {
		const env = { ...process.env, PORT: '0', INIT_CWD: FOLDER };
		this.process = spawn(process.execPath, ['--import', 'tsx', 'start.ts'], { cwd: FOLDER, env });
		for (const stream of [this.process.stdout, this.process.stderr]) {
			stream?.on('data', (text: Buffer) => {
				this.printed += text.toString();
			});
		}
	}

	async prints(pattern: RegExp): Promise<RegExpExecArray> {
		for (;;) {
			const found = pattern.exec(this.printed);
			if (found) return found;
			if (this.process.exitCode !== null) throw new Error(`the example ended: ${this.printed}`);
			await Promise.race([once(this.process.stdout as NodeJS.ReadableStream, 'data'), once(this.process, 'exit')]);
		}
	}

	async port(): Promise<number> {
		const [, port] = await this.prints(/http:\/\/localhost:(\d+)\/mm7/);
		return Number(port);
	}
}

async function everything(socket: Socket): Promise<string> {
	let text = '';
	for await (const chunk of socket) text += chunk;
	return text;
}

describe('the smallest receiver', () => {
	let example: Example;

	beforeEach(() => {
		example = new Example();
	});
	afterEach(() => {
		example.process.kill('SIGKILL');
	});

	it('prints the report that its own curl line sends', async () => {
		const port = await example.port();
		const [, url, type, file] = await example.prints(
			/curl -i '([^']+)' -H 'Content-Type: ([^']+)' --data-binary '@([^']+)'/,
		);
		expect(url).to.equal(`http://localhost:${port}/mm7`);
		const body = readFileSync(path.join(FOLDER, file as string));
		const response = await fetch(url as string, { method: 'POST', headers: { 'Content-Type': type as string }, body });
		expect(response.status).to.equal(200);
		expect(parseAnswer(await response.text())).to.include({ transactionId: '20260001', statusCode: 1000 });
		await example.prints(/480000000000000001 to 12015550123: Retrieved \(delivered\)/);
	});

	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		it(`answers what is on its way before it ends by ${signal}`, async () => {
			const port = await example.port();
			const socket = connect(port, '127.0.0.1');
			const answer = everything(socket);
			socket.write(`POST /mm7 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: ${REPORT.length}\r\n\r\n`);
			await once(socket, 'data'); // it has seen the request
			const exit = once(example.process, 'exit');
			example.process.kill(signal);
			await connectionRefused(port);
			socket.write(REPORT);
			expect(await answer).to.match(/HTTP\/1\.1 200 OK[\s\S]*<StatusCode>1000</);
			expect(await exit).to.deep.equal([0, null]);
		});
	}
});

/** Waits until nobody listens there any more. */
async function connectionRefused(port: number): Promise<void> {
	for (;;) {
		const socket = connect(port, '127.0.0.1');
		try {
			await once(socket, 'connect');
			socket.destroy();
		} catch {
			return;
		}
	}
}
