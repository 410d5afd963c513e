import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { deliveryReportRequest, readReplyRequest } from '../../../lib/provider/testing/index.js';
import { runCommand } from '../../support/run-command.js';
import { chunked } from '../../support/server.js';

describe('mm7-delivery-reports read', () => {
	let folder: string;
	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'mm7-read-'));
	});
	after(() => rm(folder, { recursive: true }));

	async function read(content: string | Buffer, ...args: string[]) {
		const file = path.join(folder, 'request.http');
		await writeFile(file, content);
		return runCommand('read', file, ...args);
	}

	/** A recorded request, with the line breaks of an editor. */
	function recording(headers: Readonly<Record<string, string>>, body: string | Buffer, lineEnd = '\n'): Buffer {
		const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
		return Buffer.concat([Buffer.from(['POST /mm7 HTTP/1.1', ...lines, '', ''].join(lineEnd)), Buffer.from(body)]);
	}

	const report = deliveryReportRequest({ messageId: '42', statusText: 'two\u0085lines' });

	it('prints the fields of a recorded report and the response', async () => {
		const { code, stdout } = await read(recording(report.headers, report.body));
		expect(stdout).to.match(/^Delivery report\n/);
		expect(stdout).to.match(/^ {2}messageId {9}"42"$/m);
		expect(stdout).to.include('"two\\u0085lines"');
		expect(stdout).to.match(/^Accepted$/m);
		expect(stdout).to.match(/^HTTP\/1\.1 200 OK/m);
		expect(stdout).to.include('<StatusCode>1000</StatusCode>');
		expect(code).to.equal(0);
	});

	it('reads a read reply', async () => {
		const { headers, body } = readReplyRequest();
		expect((await read(recording(headers, body))).stdout).to.match(/^Read reply\n/);
	});

	it('prints why it rejects a request, and exits with 1', async () => {
		const { code, stdout } = await read(recording(report.headers, String(report.body).replace('</soap-env:Body>', '')));
		expect(stdout).to.match(/^Rejected: ERR_MM7_XML /m);
		expect(stdout).to.match(/^HTTP\/1\.1 500 /m);
		expect(code).to.equal(1);
	});

	it('reads a body alone, with the headers it is given', async () => {
		const euro = deliveryReportRequest({ statusText: '€' }).body;
		const latin9 = Buffer.from(String(euro).replace(' encoding="UTF-8"', '').replace('€', '\u00a4'), 'latin1');
		const { stdout } = await read(latin9, '--json', '--header', 'Content-Type: text/xml; charset=iso-8859-15');
		expect(JSON.parse(stdout).report.statusText).to.equal('€');
	});

	for (const [what, headers, body] of [
		['an outdated length', { 'Content-Length': '7' }, report.body],
		['a body that was inflated', { 'Content-Encoding': 'gzip', 'Content-Length': '300' }, report.body],
		['a compressed body', { 'Content-Encoding': 'gzip' }, gzipSync(report.body)],
		['a body without its chunks', { 'Transfer-Encoding': 'chunked' }, report.body],
		['a body in chunks', { 'Transfer-Encoding': 'chunked' }, chunked(Buffer.from(report.body), 100)],
		['an Expect header', { Expect: '100-continue' }, report.body],
	] as const) {
		it(`reads a recording with ${what}`, async () => {
			const { stdout } = await read(recording({ ...report.headers, ...headers }, Buffer.from(body), '\r\n'), '--json');
			expect(JSON.parse(stdout).report).to.include({ messageId: '42' });
		});
	}

	it("prints why Node's HTTP parser rejects a request", async () => {
		const { code, stdout } = await read(recording({ ...report.headers, 'X-Folded': 'a\n b' }, report.body, '\r\n'));
		expect(stdout).to.match(/^Rejected: HPE_\w+ Node's HTTP parser: /m);
		expect(code).to.equal(1);
	});

	for (const [mistake, args, message] of [
		['no file', [], 'FILE is missing'],
		['a file that does not exist', ['/no/such.http'], 'ENOENT'],
		['a header without a value', ['a.http', '--header', 'Content-Type'], '--header must be "Name: value"'],
	] as const) {
		it(`exits with 2 for ${mistake}`, async () => {
			const { code, stderr } = await runCommand('read', ...args);
			expect(stderr).to.include(`mm7-delivery-reports read: `).and.to.include(message);
			expect(code).to.equal(2);
		});
	}
});
