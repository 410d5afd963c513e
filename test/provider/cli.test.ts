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
import { type Handler, Mm7Rejection } from '../../lib/index.js';
import { bin, version } from '../../package.json';
import { itOnUnix } from '../support/on-unix.js';
import { runCommand } from '../support/run-command.js';
import { app, listen, stopServers } from '../support/server.js';

const ROOT = path.join(__dirname, '../..');
const programs: ChildProcess[] = [];

function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
	const source = path.join(ROOT, 'lib/provider/bin.ts');
	const program = spawn(process.execPath, ['--import', 'tsx', source, ...args], { env: { ...process.env, ...env } });
	programs.push(program);
	return program;
}

async function ended(program: ReturnType<typeof start>) {
	const [stdout, stderr, [code]] = await Promise.all([
		text(program.stdout),
		text(program.stderr),
		once(program as ChildProcess, 'close'),
	]);
	return { code: code as number | null, stdout, stderr };
}

async function simulate(handler?: Handler, ...args: string[]) {
	const { port } = await listen(app(handler));
	return runCommand('simulate', `http://127.0.0.1:${port}/mm7`, ...args);
}

describe('mm7-delivery-reports', () => {
	afterEach(stopServers);
	afterEach(() => {
		for (const program of programs.splice(0)) program.kill('SIGKILL');
	});

	it('simulate prints lines while it runs and a table at the end', async () => {
		const { code, stdout, stderr } = await simulate(
			undefined,
			...['--count', '20', '--duplicates', '100%', '--seed', '7'],
		);
		expect(stderr).to.match(/^2\/20 messages: \d+ accepted, 0 rejected, 0 lost\n/);
		expect(stderr.trimEnd().split('\n')).to.have.length(10);
		expect(stdout).to.match(/^messages +20\nreports sent +40\naccepted +40\nrejected +0\nlost +0\nretried +0\n/);
		expect(stdout).to.match(/^duplicates sent +40$/m);
		expect(stdout).to.match(/^seed +7$/m);
		expect(code).to.equal(0);
	});

	it('simulate prints only one JSON object with --json', async () => {
		const { code, stdout } = await simulate(undefined, '--json', '--form', 'multipart');
		expect(stdout).to.match(/^\{.*\}\n$/);
		const summary = JSON.parse(stdout);
		expect(summary).to.include({ messages: 10, reports: 20, accepted: 20, lost: 0, interrupted: false });
		expect(summary.latency.p99).to.be.a('number');
		expect(summary.seed).to.be.a('number');
		expect(code).to.equal(0);
	});

	it('simulate exits with 1 if a report is lost, and prints why', async () => {
		const fail = () => Promise.reject(new Error('database down'));
		const { code, stdout, stderr } = await simulate(fail, '--count', '2', '--retry-after', '1ms');
		expect(stdout).to.match(/^lost +4\nretried +20$/m);
		expect(stdout).to.include('24 x HTTP 500');
		expect(stderr).to.include('not accepted: HTTP 500\n');
		expect(code).to.equal(1);
	});

	for (const [strict, expected] of [
		[[], 0],
		[['--strict'], 1],
	] as const) {
		it(`simulate exits with ${expected} if reports are rejected ${strict.length > 0 ? 'with' : 'without'} --strict`, async () => {
			const reject = () => Promise.reject(new Mm7Rejection(2005));
			const { code, stdout } = await simulate(reject, '--json', ...strict);
			expect(JSON.parse(stdout)).to.include({ rejected: 20, lost: 0 });
			expect(code).to.equal(expected);
		});
	}

	for (const [args, message, program] of [
		[['simulate', 'http://a/', '--coutn', '5'], 'unknown option --coutn; did you mean count?', ' simulate'],
		[['simulat', 'http://a/'], 'unknown command simulat; did you mean simulate?', ''],
		[['check'], 'URL is missing', ' check'],
	] as const) {
		it(`exits with 2 and a hint for ${args.join(' ')}`, async () => {
			const name = `mm7-delivery-reports${program}`;
			const stderr = `${name}: ${message}\nTry ${name} --help\n`;
			expect(await runCommand(...args)).to.deep.equal({ code: 2, stdout: '', stderr });
		});
	}

	for (const name of ['COMMAND', 'simulate', 'check', 'read']) {
		it(`prints help for ${name}`, async () => {
			const { code, stdout } = await runCommand(...(name === 'COMMAND' ? [] : [name]), '--help');
			expect(stdout).to.match(new RegExp(`^Usage: mm7-delivery-reports ${name} `));
			for (const line of stdout.split('\n')) expect(line.length, line).to.be.at.most(110);
			expect(code).to.equal(0);
		});
	}

	itOnUnix('can be executed as built', async () => {
		const printed = await ended(spawn(path.join(ROOT, bin['mm7-delivery-reports']), ['--version']));
		expect(printed).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
	});

	itOnUnix('simulate prints the table of the results so far on Ctrl-C', async () => {
		const arrivals = new EventEmitter();
		const { port } = await listen(app(() => void arrivals.emit('report')));
		const program = start(['simulate', `http://127.0.0.1:${port}/mm7`, '--count', '1000000', '--concurrency', '1']);
		arrivals.once('report', () => program.kill('SIGINT'));
		const { code, stdout } = await ended(program);
		expect(stdout).to.match(/^messages +\d+\nreports sent +\d+\n/);
		expect(stdout).to.match(/^unfinished +[01]$/m);
		expect(code).to.equal(130);
	});

	it('simulate sends over TLS, but only to a receiver whose certificate it trusts', async () => {
		const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
		const folder = await mkdtemp(path.join(tmpdir(), 'mm7-client-'));
		const server = https.createServer({ key, cert }, app()).listen(0, '127.0.0.1');
		try {
			await Promise.all([once(server, 'listening'), writeFile(path.join(folder, 'cert.pem'), cert)]);
			const url = `https://localhost:${(server.address() as AddressInfo).port}/mm7`;
			const distrusting = await runCommand('simulate', url, '--json', '--retries', '0');
			expect(JSON.parse(distrusting.stdout)).to.deep.include({
				accepted: 0,
				reasons: { 'self-signed certificate': 20 },
			});
			const env = { NODE_EXTRA_CA_CERTS: path.join(folder, 'cert.pem') };
			const { code, stdout } = await ended(start(['simulate', url, '--json', '--retries', '0'], env));
			expect(JSON.parse(stdout)).to.deep.include({ accepted: 20, reasons: {} });
			expect(code).to.equal(0);
		} finally {
			server.close();
			server.closeAllConnections();
			await rm(folder, { recursive: true });
		}
	});
});
