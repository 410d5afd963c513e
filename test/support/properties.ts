import { once } from 'node:events';
import { expect } from 'chai';
import fc from 'fast-check';
import { type DeliveryReport, parseDeliveryReport } from '../../lib/index.js';
import { deliveryReportRequest } from '../../lib/provider/testing/index.js';
import { trimWhiteSpace } from '../../lib/xml/white-space.js';
import { readAnswer } from './answer.js';
import { costOf } from './cost.js';
import { Figures } from './figures.js';
import { multipart, reportXml } from './report.js';
import { app, Connection, Exchanges, listen, post, type RawAnswer } from './server.js';
import { mimeStructure, type Structure, xmlStructure } from './structures.js';
import { complaintAbout } from './xml-oracle.js';

/** A receiver under test, with what its handler and its hook saw. */
export interface Receiver {
	readonly port: number;
	readonly reports: DeliveryReport[];
	readonly exchanges: Exchanges;
	/** What all properties together have seen. */
	readonly figures: Figures;
}

/** What has to hold for any input, by name. */
export type Property = (receiver: Receiver) => fc.IAsyncProperty<unknown>;

/** Starts the receiver of the properties; `stopServers` ends it. */
export async function startReceiver(): Promise<Receiver> {
	const reports: DeliveryReport[] = [];
	const exchanges = new Exchanges();
	const handler = (report: DeliveryReport) => {
		reports.push(report);
	};
	const { port } = await listen(
		app(handler, { onExchange: exchanges.add, bodyTimeout: 300, otherOperations: () => undefined }),
	);
	return { port, reports, exchanges, figures: new Figures() };
}

/** The valid requests that the others are made of. */
const VALID: readonly Buffer[] = (() => {
	const xml = reportXml({
		elements: { StatusText: 'Zugestellt — 漢字 &amp; <![CDATA[<b>]]>', Extension: '<a b="c">d</a>' },
	});
	const { headers, body } = multipart(xml);
	return [
		post(xml),
		post(xml, { 'Content-Type': 'multipart/related; type="text/xml";' }),
		post(body, headers),
		post(chunked(body), { ...headers, 'Content-Length': undefined, 'Transfer-Encoding': 'chunked' }),
	];
})();

function chunked(body: Buffer): Buffer {
	return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]);
}

/** What requests are made of, put into places where it does not belong. */
const TOKENS = [
	...['<', '>', '</', '/>', '&', '&amp;', '&#0;', '"', "'", '=', ':', '\0', '\r\n', '\n', ' ', '--', '--part-5'],
	...['<!--', '-->', '<![CDATA[', ']]>', '<?xml ?>', '<!DOCTYPE a>', '<a>', '</a>', 'xmlns=""', 'xmlns:env=""'],
	...[
		'Content-Type: multipart/mixed; boundary=x\r\n',
		'Content-Transfer-Encoding: base64\r\n',
		'\xef\xbb\xbf',
		'\xff\xfe',
	],
	...[
		'__proto__',
		'constructor',
		'<__proto__>',
		'<TransactionID>',
		'</env:Envelope>',
		';boundary=""',
		'charset=utf-16',
	],
];

const mutation = fc.oneof(
	fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), remove: fc.nat(40), insert: fc.constant('') }),
	fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), remove: fc.nat(3), insert: fc.constantFrom(...TOKENS) }),
	fc.record({
		at: fc.double({ min: 0, max: 1, noNaN: true }),
		remove: fc.nat(3),
		insert: fc.string({ unit: 'binary', maxLength: 8 }),
	}),
);

/** The request with changes in its body; its head stays valid, and its Content-Length true. */
function mutate(request: Buffer, mutations: readonly { at: number; remove: number; insert: string }[]): Buffer {
	const headEnd = request.indexOf('\r\n\r\n') + 4;
	let body = request.subarray(headEnd);
	for (const { at, remove, insert } of mutations) {
		const position = Math.floor(at * body.length);
		body = Buffer.concat([body.subarray(0, position), Buffer.from(insert, 'utf8'), body.subarray(position + remove)]);
	}
	const head = request
		.subarray(0, headEnd)
		.toString('latin1')
		.replace(/Content-Length: \d+/, `Content-Length: ${body.length}`);
	return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** Sends a request and gives its answers, when the connection has said all that it has to say. */
async function exchangeOf({ port, figures }: Receiver, ...chunks: readonly Buffer[]): Promise<RawAnswer[]> {
	figures.requests++;
	const connection = new Connection(port);
	await once(connection.socket, 'connect');
	for (const chunk of chunks) {
		connection.write(chunk);
		await new Promise(setImmediate);
	}
	const first = await connection.answers(1);
	// a second answer to the same request would come before the answer to the next
	if (!connection.closed) connection.write('GET /end HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
	await connection.end();
	if (first.length === 0) figures.unanswered++;
	return first.length === 0 ? [] : connection.answers(Number.POSITIVE_INFINITY);
}

function xmlText(text: string): string {
	return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Text that XML can hold and nobody has to trim. */
const xmlString = fc
	.string({ unit: 'binary', minLength: 1, maxLength: 60 })
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML 1.0 forbids
	.map((text) => text.replace(/[\u0000-\u001f\ufffe\uffff\ud800-\udfff]/g, ''))
	.map(trimWhiteSpace)
	.filter((text) => text !== '');

const TEXT_FIELDS = [
	'transactionId',
	'namespace',
	'mm7Version',
	'mmsRelayServerId',
	'messageId',
	'recipient',
	'sender',
	'mmStatus',
	'mmStatusExtension',
	'statusText',
	'applicId',
	'replyApplicId',
	'auxApplicInfo',
] as const;
type TextField = (typeof TEXT_FIELDS)[number];

/** CPU milliseconds that one request may cost, whatever it is made of. */
const MOST_CPU_MS = 50;

const cheap = (structure: fc.Arbitrary<Structure>) => (receiver: Receiver) =>
	fc.asyncProperty(structure, async ({ type, body }) => {
		const read = () => parseDeliveryReport(body, { 'Content-Type': type }).catch(() => undefined);
		const cost = await costOf(read, MOST_CPU_MS);
		receiver.figures.addCost(cost);
		expect(cost).to.be.below(MOST_CPU_MS);
	});

const answered = (structure: fc.Arbitrary<Structure>) => (receiver: Receiver) =>
	fc.asyncProperty(structure, async ({ type, body }) => {
		receiver.reports.length = 0;
		receiver.exchanges.all.length = 0;
		const [answer, end, ...others] = await exchangeOf(receiver, post(body, { 'Content-Type': type }));
		expect([200, 413, 500]).to.include(answer?.status);
		expect(complaintAbout(textOf(answer))).to.equal(undefined);
		expect(end?.status).to.equal(404);
		expect(others).to.deep.equal([]);
	});

function textOf(answer: RawAnswer | undefined): string {
	return Buffer.from(answer?.body ?? '', 'latin1').toString();
}

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

export const PROPERTIES: Readonly<Record<string, Property>> = {
	'a request cut into any chunks gives the same report and the same answer as in one piece': (receiver) =>
		fc.asyncProperty(
			fc.constantFrom(...VALID),
			fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }),
			async (request, cuts) => {
				const positions = cuts.map((cut) => Math.floor(cut * request.length)).sort((one, other) => one - other);
				const chunks = [...positions, request.length].map((end, i) => request.subarray(positions[i - 1] ?? 0, end));
				const { reports } = receiver;
				reports.length = 0;
				const [whole] = await exchangeOf(receiver, request);
				const [inPieces] = await exchangeOf(receiver, ...chunks);
				expect(inPieces?.status).to.equal(200);
				expect(inPieces?.body).to.equal(whole?.body);
				const [one, other] = reports.map(({ receivedAt, ...report }) => report);
				expect(one).to.deep.equal(other);
				expect(reports).to.have.length(2);
			},
		),

	'any mutation of a valid request gets exactly one answer, which is well-formed': (receiver) =>
		fc.asyncProperty(
			fc.constantFrom(...VALID.slice(0, 3)),
			fc.array(mutation, { minLength: 1, maxLength: 5 }),
			async (request, mutations) => {
				const { exchanges } = receiver;
				exchanges.all.length = 0;
				const started = performance.now();
				const [answer, end, ...others] = await exchangeOf(receiver, mutate(request, mutations));
				expect(performance.now() - started).to.be.below(2000);
				expect([200, 413, 500]).to.include(answer?.status);
				expect(end?.status).to.equal(404);
				expect(others).to.deep.equal([]);
				expect(complaintAbout(textOf(answer))).to.equal(undefined);
				const read = readAnswer(answer?.body ?? '');
				expect(read.statusCode ?? read.faultCode).not.to.equal(undefined);
				expect((await exchanges.number(1)).httpStatus).to.equal(answer?.status);
				expect(exchanges.all).to.have.length(1);
				expect(exchanges.all[0]?.error?.code).not.to.equal('ERR_MM7_INTERNAL');
			},
		),

	'any bytes get exactly one answer': (receiver) =>
		fc.asyncProperty(
			fc.uint8Array({ minLength: 1, maxLength: 2000 }),
			fc.constantFrom('text/xml', 'multipart/related; boundary=b', 'multipart/mixed', 'text/xml; charset=utf-16', ''),
			async (bytes, type) => {
				const [answer, end, ...others] = await exchangeOf(receiver, post(Buffer.from(bytes), { 'Content-Type': type }));
				expect([200, 500]).to.include(answer?.status);
				expect(end?.status).to.equal(404);
				expect(others).to.deep.equal([]);
			},
		),

	'any text in any field survives the way from the provider to the handler': (receiver) =>
		fc.asyncProperty(
			fc.record(
				Object.fromEntries(TEXT_FIELDS.map((name) => [name, xmlString])) as Record<TextField, typeof xmlString>,
			),
			fc.dictionary(xmlString, xmlString, { maxKeys: 4 }),
			fc.constantFrom('xml', 'multipart', 'bare'),
			async (fields, extensions, form) => {
				const { headers, body } = deliveryReportRequest({ ...fields, extensions }, { form });
				const { reports } = receiver;
				reports.length = 0;
				const [answer] = await exchangeOf(receiver, post(body, headers));
				expect(answer?.status).to.equal(200);
				const { recipient, sender, ...rest } = reports[0] as DeliveryReport;
				expect({ ...rest, recipient: recipient.address, sender: sender?.address }).to.deep.include(fields);
				expect({ ...rest.extensions }).to.deep.equal(extensions);
			},
		),

	'the answer is well-formed and carries the id, the version and the namespace of any request': (receiver) =>
		fc.asyncProperty(xmlString, xmlString, xmlString, async (transactionId, version, namespace) => {
			const xml = reportXml({
				transactionId,
				namespace: xmlText(namespace).replaceAll('"', '&quot;'),
				elements: { MM7Version: xmlText(version) },
			});
			const [answer] = await exchangeOf(receiver, post(xml));
			expect(answer?.status).to.equal(200);
			expect(answer?.headers['content-length']).to.equal(String(answer?.body.length));
			const read = readAnswer(textOf(answer));
			expect(read).to.include({ transactionId, namespace, mm7Version: version, statusCode: 1000 });
		}),

	'the answer is well-formed in its namespaces, whatever names and namespaces the request has': (receiver) =>
		fc.asyncProperty(namespaceUri, namespaceUri, operationName, async (one, other, operation) => {
			const xml = reportXml({ namespace: one, operation: `${operation} xmlns:p="${other}" ` }).replace(
				`</${operation} xmlns:p="${other}" >`,
				`</${operation}>`,
			);
			const [answer] = await exchangeOf(receiver, post(xml));
			expect(answer?.status).to.equal(200);
			expect(complaintAbout(textOf(answer))).to.equal(undefined);
		}),

	[`MIME of any structure costs less than ${MOST_CPU_MS} ms of CPU`]: cheap(mimeStructure),
	[`XML of any structure costs less than ${MOST_CPU_MS} ms of CPU`]: cheap(xmlStructure),
	'MIME of any structure gets exactly one answer': answered(mimeStructure),
	'XML of any structure gets exactly one answer': answered(xmlStructure),
};
