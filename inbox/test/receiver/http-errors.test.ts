import { expect } from 'chai';
import { makeLogger } from '../../lib/log.js';
import type { Database } from '../../lib/store/database.js';
import { reportXml } from '../support/report-request.js';
import { sendBytes } from '../support/send-bytes.js';
import { LogLines, type ServedInbox, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

/** Some relays fold the Content-Type, like the examples in TS 23.140 (webMethods and other users of JavaMail). */
const FOLDED =
	'Content-Type: multipart/related; type="text/xml";\r\n\tstart="<root@relay.example>";\r\n\tboundary="----=_Part_0"';
/** Axis 1.4 sends this after a body with attachments; its Content-Length does not include it. */
const EXCESS = '\r\n------=_Part_0_18550000.1190000000000--\r\n';

describe('a request that is not valid HTTP', function () {
	this.timeout(START_TIMEOUT_MS);
	let database: Database;
	let inbox: ServedInbox;
	let output: LogLines;
	before(async () => {
		database = await openTemporaryDatabase();
	});
	afterEach(() => inbox.close());
	after(() => database.close());

	async function serve(env: Record<string, string> = {}): Promise<void> {
		output = new LogLines();
		inbox = await serveInbox(database, env, makeLogger('info', output));
	}

	const message = (headers: readonly string[], body = reportXml()) =>
		['POST /mm7 HTTP/1.1', ...headers, `Content-Length: ${Buffer.byteLength(body)}`, '', body].join('\r\n');
	const folded = () => {
		const part = `------=_Part_0\r\nContent-Type: text/xml\r\nContent-ID: <root@relay.example>\r\n\r\n${reportXml()}`;
		return message(['Host: localhost', 'Connection: close', FOLDED], `${part}\r\n------=_Part_0--\r\n`);
	};
	const logged = () =>
		output.lines.map((line) => JSON.parse(line)).filter(({ msg }: { msg: string }) => msg === 'invalid HTTP rejected');

	async function counted(reason: string): Promise<number> {
		const text = await (await fetch(`${inbox.url}/metrics`, { headers: inbox.bearer })).text();
		return Number(
			new RegExp(`^mm7_refusals_total\\{reason="${reason}",provider=""\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0,
		);
	}

	const INVALID: Record<string, { bytes: string; status?: number }> = {
		'a folded header': { bytes: folded() },
		'no Host': { bytes: message(['Content-Type: text/xml']) },
		'lines that end with LF only': {
			bytes: message(['Host: localhost']).replaceAll('\r\n', '\n'),
		},
		'Content-Length and Transfer-Encoding': {
			bytes: message(['Host: localhost', 'Transfer-Encoding: chunked'], '0\r\n\r\n'),
		},
		'headers that are too long': {
			bytes: message(['Host: localhost', `X-Long: ${'x'.repeat(20_000)}`]),
			status: 431,
		},
		'a broken chunk': {
			bytes: 'POST /mm7 HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\n',
		},
	};
	for (const [name, { bytes, status = 400 }] of Object.entries(INVALID)) {
		it(`with ${name} gets ${status}, a log line and a count`, async () => {
			await serve();
			expect(await sendBytes(inbox.url, bytes)).to.match(new RegExp(`^HTTP/1\\.1 ${status} `));
			expect(logged()).to.have.lengthOf(1);
			const [{ level, code, reason, peer }] = logged();
			expect({ level, peer }).to.deep.equal({ level: 40, peer: '127.0.0.1' });
			expect(code).to.match(/^(HPE_[A-Z_]+|HOST_MISSING)$/);
			expect(reason).to.match(/^[A-Z].+ /);
			expect(await counted(code)).to.equal(1);
		});
	}

	it('gets 408 and a log line if its headers do not arrive in time', async () => {
		await serve();
		inbox.server.headersTimeout = 100;
		expect(await sendBytes(inbox.url, 'POST /mm7 HTTP/1.1\r\nHost: ')).to.match(/^HTTP\/1\.1 408 /);
		expect(logged().map(({ code }) => code)).to.deep.equal(['ERR_HTTP_REQUEST_TIMEOUT']);
	});

	it('is logged once a minute per reason, and always counted', async () => {
		await serve();
		for (let n = 0; n < 3; n++) await sendBytes(inbox.url, folded());
		await sendBytes(inbox.url, message([]));
		expect(logged().map(({ code }) => code)).to.deep.equal(['HPE_INVALID_HEADER_TOKEN', 'HOST_MISSING']);
		expect(await counted('HPE_INVALID_HEADER_TOKEN')).to.equal(3);
	});

	it('is accepted with a folded header if INSECURE_HTTP_PARSER is true', async () => {
		await serve({ INSECURE_HTTP_PARSER: 'true' });
		expect(await sendBytes(inbox.url, folded()))
			.to.match(/^HTTP\/1\.1 200 /)
			.and.to.include('<StatusCode>1000<');
	});

	it('is accepted without a Host if REQUIRE_HOST_HEADER is false', async () => {
		await serve({ REQUIRE_HOST_HEADER: 'false' });
		const response = await sendBytes(inbox.url, message(['Content-Type: text/xml', 'Connection: close']));
		expect(response)
			.to.match(/^HTTP\/1\.1 200 /)
			.and.to.include('<StatusCode>1000<');
	});

	it('is accepted with an unknown Expect', async () => {
		await serve();
		const headers = ['Host: localhost', 'Expect: 200-ok', 'Content-Type: text/xml', 'Connection: close'];
		expect(await sendBytes(inbox.url, message(headers))).to.match(/^HTTP\/1\.1 200 /);
	});

	for (const version of ['HTTP/1.0', 'HTTP/1.1']) {
		it(`does not replace the response to the report before it over ${version}`, async () => {
			await serve();
			const request = message(['Host: localhost', 'Content-Type: text/xml']).replace('HTTP/1.1', version);
			const response = await sendBytes(inbox.url, request + EXCESS);
			expect(response.match(/HTTP\/1\.1 \d+/g)).to.deep.equal(['HTTP/1.1 200']);
			expect(response).to.include('<StatusCode>1000<').and.to.include('\r\nConnection: close\r\n');
			expect(logged()).to.have.lengthOf(1);
		});
	}

	it('does not replace the responses to pipelined reports before it', async () => {
		await serve();
		const request = () => message(['Host: localhost', 'Content-Type: text/xml']);
		const response = await sendBytes(inbox.url, request() + request() + EXCESS);
		expect(response.match(/<StatusCode>1000</g)).to.have.lengthOf(2);
	});
});
