import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { basicAuth } from '../../../lib/index.js';
import { conformanceChecks } from '../../../lib/provider/check/conformance-checks.js';
import { main } from '../../../lib/provider/cli.js';
import { app, listen, stopServers } from '../../support/server.js';

async function check(...args: string[]) {
	const [stdout, stderr] = [new PassThrough(), new PassThrough()];
	const code = await main(['check', ...args], { stdout, stderr, interrupted: new AbortController().signal });
	return { code, lines: (await text(stdout.end())).trimEnd().split('\n'), stderr: await text(stderr.end()) };
}

describe('mm7-delivery-reports check', () => {
	afterEach(stopServers);

	it('prints a line for each check, and exits with 0 if all pass', async () => {
		const { port } = await listen(app(undefined, { authenticate: basicAuth({ sinch: 'secret' }) }));
		const { code, lines } = await check(`http://sinch:secret@127.0.0.1:${port}/mm7`);
		expect(lines.filter((line) => !line.startsWith('ok   MM7-'))).to.deep.equal([]);
		expect(lines).to.have.length(conformanceChecks.length);
		expect(code).to.equal(0);
	});

	it('prints JSON and exits with 1 if a check fails', async () => {
		const { port } = await listen((_req, res) => void res.end('OK'));
		const { code, lines } = await check(`http://127.0.0.1:${port}/`, '--json');
		const results = lines.map((line) => JSON.parse(line));
		expect(results.map(({ id }) => id)).to.deep.equal(conformanceChecks.map(({ id }) => id));
		const [first] = results;
		expect(first).to.include({ id: 'MM7-101', level: 'MUST', passed: false });
		expect(first.reason).to.be.a('string');
		expect(code).to.equal(1);
	});

	it('exits with 2 without a URL', async () => {
		const { code, stderr } = await check();
		expect(stderr).to.equal('mm7-delivery-reports check: URL is missing\nTry mm7-delivery-reports check --help\n');
		expect(code).to.equal(2);
	});
});
