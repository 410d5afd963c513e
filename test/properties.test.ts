import { once } from 'node:events';
import { expect } from 'chai';
import fc from 'fast-check';
import { type DeliveryReport, parseDeliveryReport } from '../lib/index.js';
import { deliveryReportRequest } from '../lib/provider/testing/index.js';
import { trimWhiteSpace } from '../lib/xml/element.js';
import { costOf } from './support/cost.js';
import { multipart, reportXml } from './support/report.js';
import { readResponse } from './support/response.js';
import { app, Connection, chunked, Exchanges, listen, post, type RawResponse, stopServers } from './support/server.js';
import { mimeStructure, xmlStructure } from './support/structures.js';
import { complaintAbout } from './support/xml-oracle.js';

/** The maximum cost of any request. */
const MAX_CPU_MS = 50;

const position = fc.double({ min: 0, max: 1, noNaN: true });

/** Valid requests: bare XML under two types, multipart, and multipart in chunks. */
const VALID: readonly Buffer[] = (() => {
	const xml = reportXml({
		elements: { StatusText: 'Zugestellt — 漢字 &amp; <![CDATA[<b>]]>', Extension: '<a b="c">d</a>' },
	});
	const { headers, body } = multipart(xml);
	return [
		post(xml),
		post(xml, { 'Content-Type': 'multipart/related; type="text/xml";' }),
		post(body, headers),
		post(chunked(body, body.length), { ...headers, 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }),
	];
})();

/** Pieces of requests, inserted where they do not belong. */
const TOKENS = [
	...['<', '>', '</', '/>', '&', '&amp;', '&#0;', '"', "'", '=', ':', '\0', '\r\n', '\n', ' ', '--', '--part-5'],
	...['<!--', '-->', '<![CDATA[', ']]>', '<?xml ?>', '<!DOCTYPE a>', '<a>', '</a>', 'xmlns=""', 'xmlns:env=""'],
	...['Content-Type: multipart/mixed; boundary=x\r\n', 'Content-Transfer-Encoding: base64\r\n', '\xef\xbb\xbf'],
	...['\xff\xfe', '__proto__', 'constructor', '<__proto__>', '<TransactionID>', '</env:Envelope>', ';boundary=""'],
	'charset=utf-16',
];

const mutation = fc.record({
	at: position,
	remove: fc.oneof(fc.nat(3), fc.nat(40)),
	insert: fc.oneof(fc.constantFrom('', ...TOKENS), fc.string({ unit: 'binary', maxLength: 8 })),
});

/** Mutates the body of a request and corrects its Content-Length. */
function mutate(request: Buffer, mutations: readonly { at: number; remove: number; insert: string }[]): Buffer {
	const headEnd = request.indexOf('\r\n\r\n') + 4;
	let body = request.subarray(headEnd);
	for (const { at, remove, insert } of mutations) {
		const index = Math.floor(at * body.length);
		body = Buffer.concat([body.subarray(0, index), Buffer.from(insert), body.subarray(index + remove)]);
	}
	const head = request.toString('latin1', 0, headEnd);
	return Buffer.concat([Buffer.from(head.replace(/Length: \d+/, `Length: ${body.length}`), 'latin1'), body]);
}

/** Text that XML can contain, without white space at either end. */
const text = fc
	.oneof(
		fc.string({ unit: 'binary', maxLength: 60 }),
		fc.string({ unit: 'grapheme', maxLength: 40 }),
		fc
			.array(fc.constantFrom(...'<&>"\'\n\t é用0', '\r\n', ']]>', '&amp;', '--b'), { maxLength: 20 })
			.map((pieces) => pieces.join('')),
	)
	// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that XML 1.0 forbids
	.map((any) => trimWhiteSpace(any.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]/g, '')))
	.filter((trimmed) => trimmed !== '');

const namespaceUri = fc.constantFrom(
	...['', ' ', 'urn:x', 'urn:\u00e9&amp;', 'http://www.w3.org/XML/1998/namespace', ' http://www.w3.org/2000/xmlns/ '],
	...['http://www.w3.org/2001/XMLSchema-instance', 'http://schemas.xmlsoap.org/soap/envelope/'],
);
const operationName = fc
	.tuple(
		fc.constantFrom('', 'p:', 'env:', 'q:'),
		fc.constantFrom('', 'q:', '1', '-', '.'),
		fc.constantFrom('', 'ReadReply', '状态'),
	)
	.map(([prefix, odd, name]) => `${prefix}${prefix === '' ? '' : odd}${name}Req`);

function bodyOf(response: RawResponse | undefined): string {
	return Buffer.from(response?.body ?? '', 'latin1').toString();
}

describe('for any input', function () {
	this.timeout(Math.max(this.timeout(), 60_000));
	const reports: DeliveryReport[] = [];
	const exchanges = new Exchanges();
	let port: number;

	before(async () => {
		const options = { onExchange: exchanges.add, otherOperations: () => undefined };
		({ port } = await listen(app((report) => void reports.push(report), options)));
	});
	after(stopServers);

	/** Sends a request and returns its response. Fails unless there is exactly one. */
	async function respond(...chunks: readonly Buffer[]): Promise<RawResponse | undefined> {
		reports.length = 0;
		exchanges.all.length = 0;
		const connection = new Connection(port);
		await once(connection.socket, 'connect');
		for (const chunk of chunks) {
			connection.write(chunk);
			await new Promise(setImmediate);
		}
		await connection.responses(1);
		// a second response to the request would arrive before the one to the next request
		if (!connection.closed) connection.write('GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
		await connection.end();
		const [response, ...others] = await connection.responses(Number.POSITIVE_INFINITY);
		expect(others.map(({ status }) => status)).to.deep.equal([404]);
		return response;
	}

	/** Like `respond`, for a request that may be rejected. */
	async function respondWell(...chunks: readonly Buffer[]): Promise<RawResponse | undefined> {
		const response = await respond(...chunks);
		expect([200, 413, 500]).to.include(response?.status);
		expect(complaintAbout(bodyOf(response))).to.equal(undefined);
		expect((await exchanges.number(1)).httpStatus).to.equal(response?.status);
		expect(exchanges.all).to.have.length(1);
		expect(exchanges.all[0]?.error?.code).not.to.equal('ERR_MM7_INTERNAL');
		return response;
	}

	const PROPERTIES: Readonly<Record<string, fc.IAsyncProperty<unknown>>> = {
		'chunks of any size give the same report and response as one piece': fc.asyncProperty(
			fc.constantFrom(...VALID),
			fc.array(position, { minLength: 1, maxLength: 12 }),
			async (request, cuts) => {
				const ends = cuts.map((cut) => Math.floor(cut * request.length)).sort((one, other) => one - other);
				const chunks = [...ends, request.length].map((end, i) => request.subarray(ends[i - 1] ?? 0, end));
				const inOnePiece = await respond(request);
				const [{ receivedAt, ...expected } = {} as DeliveryReport] = reports;
				expect(await respond(...chunks)).to.deep.include({ status: 200, body: inOnePiece?.body });
				expect(reports).to.have.length(1);
				expect(reports[0]).to.deep.include(expected);
			},
		),

		'any mutation of a valid request gets one well-formed response': fc.asyncProperty(
			fc.constantFrom(...VALID.slice(0, 3)),
			fc.array(mutation, { minLength: 1, maxLength: 5 }),
			async (request, mutations) => {
				const { statusCode, faultCode } = readResponse(bodyOf(await respondWell(mutate(request, mutations))));
				expect(statusCode ?? faultCode).not.to.equal(undefined);
			},
		),

		'any bytes get one well-formed response': fc.asyncProperty(
			fc.uint8Array({ minLength: 1, maxLength: 2000 }),
			fc.constantFrom('text/xml', 'multipart/related; boundary=b', 'multipart/mixed', 'text/xml; charset=utf-16', ''),
			(bytes, type) => respondWell(post(Buffer.from(bytes), { 'Content-Type': type })).then(() => undefined),
		),

		'any text in any field arrives at the handler, and the response repeats the required fields': fc.asyncProperty(
			fc.record({
				...{ transactionId: text, namespace: text, mm7Version: text, mmsRelayServerId: text, messageId: text },
				...{ mmStatus: text, mmStatusExtension: text, statusText: text, applicId: text, replyApplicId: text },
				...{ auxApplicInfo: text, dateText: text },
				uaCapabilities: fc.record({ uaProf: text, timeStamp: text }),
			}),
			fc.record({ address: text, id: text }),
			fc.dictionary(text, text, { maxKeys: 4 }),
			fc.constantFrom('xml', 'multipart', 'bare', 'utf-16'),
			async (fields, recipient, extensions, form) => {
				const sent = { ...fields, date: undefined, recipient: { ...recipient, kind: 'RFC2822Address' as const } };
				const isUtf16 = form === 'utf-16';
				const { headers, body } = deliveryReportRequest({ ...sent, extensions }, { form: isUtf16 ? 'xml' : form });
				const bytes = isUtf16 ? Buffer.from(String(body).replace('UTF-8', 'UTF-16'), 'utf16le') : body;
				const response = await respond(post(bytes, headers));
				expect(response?.status).to.equal(200);
				expect(response?.headers['content-length']).to.equal(String(response?.body.length));
				const { transactionId, namespace, mm7Version } = fields;
				expect(readResponse(bodyOf(response))).to.include({ transactionId, namespace, mm7Version, statusCode: 1000 });
				const [report] = reports;
				const { date, ...expected } = sent;
				expect(report).to.deep.include({ ...fields, recipient: { ...report?.recipient, ...expected.recipient } });
				expect({ ...report?.extensions }).to.deep.equal(extensions);
			},
		),

		'the response is well-formed whatever names and namespaces the request has': fc.asyncProperty(
			namespaceUri,
			namespaceUri,
			operationName,
			async (one, other, operation) => {
				const declaration = ` xmlns:p="${other}" `;
				const xml = reportXml({ namespace: one, operation: operation + declaration });
				const response = await respondWell(post(xml.replace(`</${operation}${declaration}`, `</${operation}`)));
				expect(response?.status).to.equal(200);
			},
		),

		...Object.fromEntries(
			Object.entries({ MIME: mimeStructure, XML: xmlStructure }).map(([name, structure]) => [
				`${name} of any structure costs under ${MAX_CPU_MS} ms of CPU and gets one response`,
				fc.asyncProperty(structure, async ({ type, body }) => {
					const read = () => parseDeliveryReport(body, { 'Content-Type': type }).catch(() => undefined);
					expect(await costOf(read, MAX_CPU_MS)).to.be.below(MAX_CPU_MS);
					await respondWell(post(body, { 'Content-Type': type }));
				}),
			]),
		),
	};
	for (const [name, property] of Object.entries(PROPERTIES)) {
		it(name, () => fc.assert(property));
	}
});
