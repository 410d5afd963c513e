import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { chunked, type RawRequest } from './support/raw-request.js';
import { Receiver } from './support/receiver.js';
import { multipart, reportXml } from './support/report.js';
import { EXPRESS, stopServers } from './support/server.js';

const BODY = Buffer.from(reportXml({ elements: { StatusText: 'Gerät 用户' } }));

function request(
	body: Buffer,
	headers: Readonly<Record<string, string>>,
	requestLine = 'POST /mm7 HTTP/1.1',
	host = 'Host: receiver.example\r\n',
): RawRequest {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	const length = 'Transfer-Encoding' in headers ? '' : `Content-Length: ${body.length}\r\n`;
	return { head: Buffer.from(`${requestLine}\r\n${host}${lines.join('')}${length}\r\n`, 'latin1'), body };
}

for (const release of Object.keys(EXPRESS) as (keyof typeof EXPRESS)[]) {
	describe(`over HTTP, with ${release}, a report is read`, () => {
		let receiver: Receiver;
		before(async () => {
			receiver = await Receiver.start(release);
		});
		after(stopServers);

		async function accepts(sent: RawRequest): Promise<void> {
			const { answer, report } = await receiver.send(sent);
			expect(report, answer.body).to.include({ transactionId: '20260001', statusText: 'Gerät 用户' });
			expect(answer.status).to.equal(200);
			expect(answer.body).to.include('<StatusCode>1000</StatusCode>');
		}

		for (const contentType of [
			'text/xml',
			'TEXT/XML;CHARSET="UTF-8"',
			'text/xml; charset=utf-8;',
			'application/xml',
			'application/soap+xml; charset=utf-8; action=""',
			'application/json',
			'application/x-www-form-urlencoded',
			'multipart/related; type="text/xml";',
			'multipart/related; type=text/xml',
			'multipart/form-data; boundary=x',
			'image/png',
			'nonsense',
			';;;',
			'',
		]) {
			it(`under Content-Type "${contentType}"`, () => accepts(request(BODY, { 'Content-Type': contentType })));
		}

		it('without Content-Type', () => accepts(request(BODY, {})));

		for (const boundary of ['----=_Part_1==', `"'()+_,-./:=? x"`, '"--b"', '=_b;']) {
			it(`with the boundary ${boundary}`, () => {
				const { body } = multipart(BODY.toString(), boundary.replace(/[";]/g, ''));
				return accepts(request(body, { 'Content-Type': `Multipart/Related; BOUNDARY=${boundary}` }));
			});
		}

		for (const soapAction of ['""', '', '"urn:DeliverReq"', 'ReadReplyReq', '"http://example.net/other"']) {
			it(`whatever SOAPAction says: ${soapAction}`, () =>
				accepts(request(BODY, { 'Content-Type': 'text/xml', SOAPAction: soapAction })));
		}

		it('by HTTP/1.0 without Host', () => accepts(request(BODY, {}, 'POST /mm7 HTTP/1.0', '')));

		it('in chunks of any size', async () => {
			for (const size of [1, 7, 64, 100_000]) {
				await accepts(request(chunked(BODY, size), { 'Content-Type': 'text/xml', 'Transfer-Encoding': 'chunked' }));
			}
		});

		it('that waits for 100 Continue', () => accepts(request(BODY, { Expect: '100-continue' })));

		for (const [encoding, compress] of [
			['gzip', gzipSync],
			['GZIP', gzipSync],
			['x-gzip', gzipSync],
			['deflate', deflateSync],
			['br', brotliCompressSync],
		] as const) {
			it(`under Content-Encoding ${encoding}`, () =>
				accepts(request(compress(BODY), { 'Content-Type': 'text/xml', 'Content-Encoding': encoding })));
		}

		for (const word of ['7bit', '8bit', 'BINARY', 'identity', 'none', 'utf-8', '']) {
			it(`that is not compressed, under Content-Encoding "${word}"`, () =>
				accepts(request(BODY, { 'Content-Type': 'text/xml', 'Content-Encoding': word })));
		}

		it('beside an attachment of nearly the limit', () => {
			const attachment = Buffer.alloc(900_000, '\u00ff\r\n--part-');
			const body = Buffer.concat([
				Buffer.from('--b\r\nContent-Type: image/jpeg\r\n\r\n'),
				attachment,
				Buffer.from('\r\n--b\r\nContent-Type: text/xml\r\n\r\n'),
				BODY,
				Buffer.from('\r\n--b--\r\n'),
			]);
			return accepts(request(body, { 'Content-Type': 'multipart/related; boundary=b' }));
		});
	});
}
