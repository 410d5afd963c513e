import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { generate } from 'selfsigned';
import { Mm7Rejection } from '../../lib/index.js';
import { bin, version } from '../../package.json';
import { app, listen, stopServers } from '../support/server.js';

const BIN = path.join(__dirname, '../../lib/provider/bin.ts');

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
	return spawn(process.execPath, ['--import', 'tsx', BIN, ...args], { env: { ...process.env, ...env } });
}

/** Waits for the end of the program. */
async function ended(program: ReturnType<typeof start>) {
	const [stdout, stderr, [code]] = await Promise.all([
		text(program.stdout),
		text(program.stderr),
		once(program as ChildProcess, 'close'),
	]);
	return { code: code as number | null, stdout, stderr };
}

function fail(): never {
	throw new Error('database down');
}

function reject(): never {
	throw new Mm7Rejection(2005);
}

describe('mm7-delivery-reports', () => {
	afterEach(stopServers);

	it('prints lines while it works and a table at the end', async () => {
		const { port } = await listen(app());
		const url = `http://127.0.0.1:${port}/mm7`;
		const { code, stdout, stderr } = await ended(
			start(['simulate', url, '--count', '20', '--duplicates', '100%', '--seed', '7']),
		);
		expect(stderr).to.match(/^2\/20 messages: \d+ accepted, 0 refused, 0 lost\n/);
		expect(stderr.trimEnd().split('\n')).to.have.length(10);
		expect(stdout).to.match(/^messages +20\nreports sent +40\naccepted +40\nrefused +0\nlost +0\nretried +0\n/);
		expect(stdout).to.match(/^duplicates sent +40$/m);
		expect(stdout).to.match(/^seed +7$/m);
		expect(code).to.equal(0);
	});

	it('prints one JSON object alone with --json', async () => {
		const { port } = await listen(app());
		const { code, stdout } = await ended(
			start(['simulate', `http://127.0.0.1:${port}/mm7`, '--json', '--form', 'multipart']),
		);
		expect(stdout).to.match(/^\{.*\}\n$/);
		const summary = JSON.parse(stdout);
		expect(summary).to.include({ messages: 10, reports: 20, accepted: 20, lost: 0, interrupted: false });
		expect(summary.latency.p99).to.be.a('number');
		expect(summary.seed).to.be.a('number');
		expect(code).to.equal(0);
	});

	it('exits with 1 when a report is lost, and says why', async () => {
		const { port } = await listen(app(fail));
		const { code, stdout, stderr } = await ended(
			start(['simulate', `http://127.0.0.1:${port}/mm7`, '--count', '2', '--retry-after', '1ms']),
		);
		expect(stdout).to.match(/^lost +4\nretried +20$/m);
		expect(stdout).to.include('24 x HTTP 500');
		expect(stderr).to.include('not accepted: HTTP 500\n');
		expect(code).to.equal(1);
	});

	for (const [strict, expected] of [
		[[], 0],
		[['--strict'], 1],
	] as const) {
		it(`exits with ${expected} on refused reports ${strict.length > 0 ? 'with' : 'without'} --strict`, async () => {
			const { port } = await listen(app(reject));
			const { code, stdout } = await ended(start(['simulate', `http://127.0.0.1:${port}/mm7`, '--json', ...strict]));
			expect(JSON.parse(stdout)).to.include({ refused: 20, lost: 0 });
			expect(code).to.equal(expected);
		});
	}

	it('exits with 2 on wrong arguments, with one line and a hint', async () => {
		const { code, stdout, stderr } = await ended(start(['simulate', 'http://localhost/', '--cuont', '5']));
		expect(stderr).to.equal(
			'mm7-delivery-reports simulate: unknown option --cuont; did you mean count?\nTry mm7-delivery-reports simulate --help\n',
		);
		expect(stdout).to.equal('');
		expect(code).to.equal(2);
	});

	it('prints its help and its version', async () => {
		const [help, printed] = await Promise.all([ended(start(['--help'])), ended(start(['--version']))]);
		expect(help).to.include({ code: 0, stderr: '' });
		expect(help.stdout).to.match(/^Usage: mm7-delivery-reports COMMAND \[arguments\]\n/);
		expect(printed).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
	});

	for (const name of ['simulate', 'check', 'read']) {
		it(`describes ${name} in its help`, async () => {
			const { code, stdout } = await ended(start([name, '--help']));
			expect(stdout).to.match(new RegExp(`^Usage: mm7-delivery-reports ${name} `));
			for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(120);
			expect(code).to.equal(0);
		});
	}

	it('names the command that a mistyped one may mean', async () => {
		const { code, stderr } = await ended(start(['simulat', 'http://localhost/']));
		expect(stderr).to.equal(
			'mm7-delivery-reports: unknown command simulat; did you mean simulate?\nTry mm7-delivery-reports --help\n',
		);
		expect(code).to.equal(2);
	});

	it('can be executed where the build has put it', async () => {
		const printed = await ended(spawn(path.join(__dirname, '../..', bin['mm7-delivery-reports']), ['--version']));
		expect(printed).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
	});

	it('prints the table of what happened so far at Ctrl-C', async () => {
		const arrivals = new EventEmitter();
		const { port } = await listen(app(() => void arrivals.emit('report')));
		const program = start(['simulate', `http://127.0.0.1:${port}/mm7`, '--count', '1000000', '--concurrency', '1']);
		arrivals.once('report', () => program.kill('SIGINT'));
		const { code, stdout } = await ended(program);
		expect(stdout).to.match(/^messages +\d+\nreports sent +\d+\n/);
		expect(stdout).to.match(/^unfinished +[01]$/m);
		expect(code).to.equal(130);
	});

	it('sends over TLS to a receiver whose certificate it knows', async () => {
		const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
		const folder = await mkdtemp(path.join(tmpdir(), 'mm7-client-'));
		const server = https.createServer({ key, cert }, app()).listen(0, '127.0.0.1');
		try {
			await Promise.all([once(server, 'listening'), writeFile(path.join(folder, 'cert.pem'), cert)]);
			const url = `https://localhost:${(server.address() as AddressInfo).port}/mm7`;
			const { code, stdout } = await ended(
				start(['simulate', url, '--json', '--retries', '0'], { NODE_EXTRA_CA_CERTS: path.join(folder, 'cert.pem') }),
			);
			expect(JSON.parse(stdout)).to.deep.include({ accepted: 20, reasons: {} });
			expect(code).to.equal(0);
		} finally {
			server.close();
			server.closeAllConnections();
			await rm(folder, { recursive: true });
		}
	});
});
