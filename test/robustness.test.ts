import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect } from 'chai';
import { type DeliveryReport, type Handler, mm7DeliveryReports, parseDeliveryReport } from '../lib/index.js';
import { readAnswer } from './support/answer.js';
import { costOf } from './support/cost.js';
import { multipart, reportXml } from './support/report.js';
import { app, Connection, Exchanges, listen, post, stopServers } from './support/server.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

/** Documents inside the default limits that cost naive readers seconds, or their process. */
const HOSTILE: Record<string, { body: string | Buffer; type?: string }> = {
	'elements that each declare a namespace, nested': {
		body: reportXml({
			elements: {
				Extension: Array.from({ length: 25 }, (_, i) => `<a${i} ${namespaces(60)}>`)
					.join('')
					.concat(Array.from({ length: 25 }, (_, i) => `</a${24 - i}>`).join('')),
			},
		}),
	},
	'200 KB of nested elements': { body: '<a>'.repeat(65_000) },
	'200 KB of siblings': { body: `<a>${'<b/>'.repeat(50_000)}</a>` },
	'200 KB of attributes': { body: `<a ${Array.from({ length: 20_000 }, (_, i) => `a${i}=""`).join(' ')}/>` },
	'200 KB of one attribute, again and again': { body: `<a ${'b="" '.repeat(40_000)}/>` },
	'200 KB of an attribute that every object has': { body: `<a ${'hasOwnProperty="" '.repeat(11_000)}/>` },
	'200 KB of text': { body: reportXml({ elements: { StatusText: 'x'.repeat(200_000) } }) },
	'200 KB of text in Details in Details': {
		body: reportXml({
			elements: {
				Vendor: `${'<Details>'.repeat(25)}${'<b>x</b>'.repeat(400)}${' '.repeat(200_000)}y${'</Details>'.repeat(25)}`,
			},
		}),
	},
	'200 KB of blanks': { body: reportXml({ elements: { StatusText: ' '.repeat(200_000) } }) },
	'200 KB of unescaped ampersands': { body: reportXml({ elements: { StatusText: '&'.repeat(200_000) } }) },
	'200 KB of less-than signs': { body: reportXml({ elements: { StatusText: '<'.repeat(200_000) } }) },
	'200 KB of what may be part of a name, behind what may be a tag': {
		body: `<a>&<b${'\u00a0'.repeat(100_000)}`,
	},
	'200 KB of references': { body: reportXml({ elements: { StatusText: '&#65;'.repeat(40_000) } }) },
	'200 KB of opened comments': { body: `<a>${'<!--'.repeat(50_000)}` },
	'200 KB of comments': { body: `<a>${'<!---->'.repeat(28_000)}` },
	'200 KB of one declaration': { body: `<!${'x'.repeat(200_000)}` },
	'200 KB of one declaration with blanks before it': { body: `<a>< !${'">"'.repeat(65_000)}` },
	'200 KB of one declaration behind what is a comment only to the eye': {
		body: `<a x="<!--"/><!${'x'.repeat(200_000)}`,
	},
	'200 KB of one declaration behind an instruction that ends later': {
		body: `<?p ??><!-- ?><a><!${'x'.repeat(200_000)}`,
	},
	'200 KB of one declaration behind CDATA in small letters': {
		body: `<a><![cdata[ <!-- ]]><!${'x'.repeat(200_000)}`,
	},
	'200 KB of one declaration behind a comment with a blank': {
		body: `<a>< !-- <![CDATA[ --><!${'x'.repeat(200_000)}`,
	},
	'16 KB of opened declarations': { body: `<a>${'<!'.repeat(8000)}` },
	'200 KB of CDATA sections': { body: reportXml({ elements: { StatusText: '<![CDATA[]]>'.repeat(16_000) } }) },
	'200 KB of TransactionID tags': { body: `<a>${'<TransactionID'.repeat(14_000)}` },
	'200 KB of a tag name': { body: `<${'a'.repeat(200_000)}/>` },
	'a document type with entities in entities': {
		body: `<!DOCTYPE a [${Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i} "&e${i - 1};&e${i - 1};">`).join('')}]><a>&e29;</a>`,
	},
	'200 KB of NUL': { body: Buffer.alloc(200_000) },
	'NUL behind the document': { body: `${reportXml()}${'\0'.repeat(200_000)}x` },
	'1 MB of delimiters': { body: '--b\r\n'.repeat(200_000), type: 'multipart/related; boundary=b' },
	'1 MB of almost delimiters': {
		body: `--b\r\n\r\n${'\n--bb'.repeat(200_000)}`,
		type: 'multipart/related; boundary=b',
	},
	'1 MB of delimiters and blanks': { body: `--b${' '.repeat(1_000_000)}x`, type: 'multipart/related; boundary=b' },
	'1 MB of dashes': { body: '-'.repeat(1_000_000), type: 'multipart/related; boundary=-----' },
	'1 MB of part headers': { body: `--b\r\n${'a: b\r\n'.repeat(160_000)}`, type: 'multipart/related; boundary=b' },
	'1 MB of a folded part header': {
		body: `--b\r\na: b\r\n${' c\r\n'.repeat(250_000)}`,
		type: 'multipart/related; boundary=b',
	},
	'1 MB of quoted-printable': {
		body: `--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${'='.repeat(1_000_000)}\r\n--b--`,
		type: 'multipart/related; boundary=b',
	},
	'1 MB of empty lines': { body: `--b\r\n\r\n${'\r\n'.repeat(500_000)}--b--`, type: 'multipart/related; boundary=b' },
	'200 KB of references in an attribute': { body: `<a b="${'&#65;'.repeat(40_000)}"/>` },
	'250 KB of tabs beside a reference, in an attribute': { body: `<a b="&#9;${'\t'.repeat(250_000)}"/>` },
	'240 KB of tabs beside references, in many attributes': {
		body: `<a ${Array.from({ length: 60 }, (_, i) => `b${i}="${'&#9;\t\t\t\t'.repeat(130)}${'\n'.repeat(2900)}"`).join(' ')}/>`,
	},
	'200 KB of processing instructions': { body: '<?a?>'.repeat(40_000) },
	'500 KB of Body tags in a second envelope': {
		body: `--b\r\n\r\n${reportXml()}\r\n--b\r\n\r\n<Envelope>${'<Body '.repeat(80_000)}\r\n--b--`,
		type: 'multipart/related; boundary=b',
	},
	'500 KB of comments in the Body of a second envelope': {
		body: `--b\r\n\r\n${reportXml()}\r\n--b\r\n\r\n<Envelope><Body>${'<!---->'.repeat(70_000)}\r\n--b--`,
		type: 'multipart/related; boundary=b',
	},
	'multiparts in multiparts': {
		body: `${Array.from({ length: 200 }, (_, i) => `--b${i}\r\nContent-Type: multipart/mixed; boundary=b${i + 1}\r\n\r\n`).join('')}`,
		type: 'multipart/related; boundary=b0',
	},
	'blanks in the Content-ID of every part of nested multiparts': {
		body: nestedMultiparts(4, 15, `Content-ID: <a${' '.repeat(15_000)}b>`),
		type: 'multipart/related; boundary=b4; start="<root>"',
	},
	// beyond ASCII, or the charset would not be asked for
	'8 KB of parameters': {
		body: reportXml({ elements: { StatusText: 'gelöscht' } }),
		type: `multipart/related${';a="\\"'.repeat(1300)}`,
	},
	'8 KB of semicolons and equals signs': { body: 'x', type: `multipart/related${';='.repeat(4000)}` },
	'8 KB of an open quote': { body: 'x', type: `multipart/related; boundary="${'\\"'.repeat(4000)}` },
};

function namespaces(count: number): string {
	return Array.from({ length: count }, (_, i) => `xmlns:n${i}="urn:${i}"`).join(' ');
}

/** Multiparts in one another, each with `parts` parts that carry the header, and each with a `start`. */
function nestedMultiparts(depth: number, parts: number, header: string): string {
	if (depth === 0) return reportXml();
	const nested = `Content-Type: multipart/related; boundary=b${depth - 1}; start="<root>"`;
	const inside = Array.from({ length: parts }, () => `--b${depth}\r\n${header}\r\n\r\nx\r\n`).join('');
	return `${inside}--b${depth}\r\n${nested}\r\n\r\n${nestedMultiparts(depth - 1, parts, header)}\r\n--b${depth}--`;
}

const BUDGET_MS = 10;

describe('robustness', () => {
	afterEach(stopServers);

	describe('hostile documents', () => {
		for (const [name, { body, type = 'text/xml' }] of Object.entries(HOSTILE)) {
			it(`costs under ${BUDGET_MS} ms: ${name}`, async () => {
				const bytes = Buffer.from(body as string);
				const read = () => parseDeliveryReport(bytes, { 'Content-Type': type }).catch(() => undefined);
				const best = await costOf(read, BUDGET_MS);
				expect(best).to.be.below(BUDGET_MS);
			});

			it(`gets one answer: ${name}`, async () => {
				const { port } = await listen(app());
				const [answer] = await new Connection(port).write(post(body, { 'Content-Type': type })).answers();
				expect([200, 413, 431, 500]).to.include(answer?.status);
			});
		}
	});

	it('holds nothing of the reports that it has read', async () => {
		const elements = { Extension: '<Vendor/>'.repeat(100) };
		const used = async (count: number) => {
			for (let i = 0; i < count; i++) {
				await parseDeliveryReport(reportXml({ transactionId: String(i), elements }));
			}
			collectGarbage();
			return process.memoryUsage().heapUsed;
		};
		const before = await used(500);
		expect(((await used(2000)) - before) / 1024 / 1024).to.be.below(3);
	});

	describe('leaves young garbage behind, none that stays until the next full collection', () => {
		/** The compilers' own; a report that was kept would be 12 more. */
		const MOST_AGING = 8;

		/** Kilobytes that grow old with each report. */
		const aging = async (take: () => Promise<unknown>) => {
			const oldSpace = () =>
				getHeapSpaceStatistics().find((space) => space.space_name === 'old_space')?.space_used_size;
			const takeSome = async () => {
				for (let i = 0; i < 50; i++) await take();
				// what is in use at the first of them is not old yet
				for (let i = 0; i < 2; i++) collectGarbage({ type: 'minor' });
			};
			for (let i = 0; i < 10; i++) await takeSome();
			collectGarbage();
			const before = oldSpace() ?? Number.NaN;
			for (let i = 0; i < 10; i++) await takeSome();
			return ((oldSpace() ?? Number.NaN) - before) / 1024 / 500;
		};

		it('where a report is read', async () => {
			expect(await aging(() => parseDeliveryReport(reportXml()))).to.be.below(MOST_AGING);
		});

		it('where a report is received', async () => {
			// without Express, which on Node.js 20 leaves a shape of its own behind for each request
			const middleware = mm7DeliveryReports<IncomingMessage>(async () => undefined);
			const { port } = await listen((req, res) => middleware(req, res, () => undefined));
			const connection = new Connection(port);
			const { headers, body } = multipart(reportXml());
			const receive = async () => {
				const [answer] = await connection.write(post(body, headers)).answers();
				expect(answer?.status).to.equal(200);
				connection.received = '';
			};
			expect(await aging(receive)).to.be.below(MOST_AGING);
		});
	});

	it('does not grow with the number of requests, whatever they are', async function () {
		this.timeout(60_000);
		const bodies = Object.values(HOSTILE).map(({ body, type = 'text/xml' }) => ({
			bytes: Buffer.from(body as string),
			type,
		}));
		const { port } = await listen(app());
		const round = async () => {
			for (const { bytes, type } of bodies) {
				const connection = new Connection(port).write(post(bytes, { 'Content-Type': type, Connection: 'close' }));
				await connection.end();
			}
			const cut = new Connection(port).write(post(reportXml()).subarray(0, 400));
			await once(cut.socket, 'connect');
			cut.socket.destroy();
			await cut.end();
		};
		const used = async (rounds: number) => {
			for (let i = 0; i < rounds; i++) await round();
			// the bytes of buffers are given back behind the collection that found them unused
			for (let i = 0; i < 3; i++) {
				collectGarbage();
				await new Promise(setImmediate);
			}
			const { heapUsed, external } = process.memoryUsage();
			return heapUsed + external;
		};
		await used(5);
		const before = await used(5);
		// connections that are just closing hold on to their bytes; what leaks is still there after one more round
		const after = Math.min(await used(20), await used(1), await used(1), await used(1));
		expect((after - before) / 1024 / 1024).to.be.below(3);
	});

	describe('on a raw socket', () => {
		it('does not wait for what a short body lied about', async () => {
			const { port } = await listen(app(undefined, { bodyTimeout: 50 }));
			const [answer] = await new Connection(port).write(post(reportXml(), { 'Content-Length': '5000' })).answers();
			expect(answer?.status).to.equal(408);
		});

		it('leaves a body that is longer than announced to Node.js, which answers once', async () => {
			const exchanges = new Exchanges();
			const { port } = await listen(app(undefined, { onExchange: exchanges.add }));
			const connection = new Connection(port).write(post(reportXml(), { 'Content-Length': '100' }));
			await connection.end();
			expect((await connection.answers()).map(({ status }) => status)).to.deep.equal([400]);
			const exchange = await exchanges.number(1);
			expect(exchange.error?.code).to.equal('ERR_MM7_XML');
			expect(exchange.httpStatus).to.equal(undefined);
		});

		it('reports a response that Node.js answered over, since more came than announced', async () => {
			const exchanges = new Exchanges();
			const { port } = await listen(app(undefined, { onExchange: exchanges.add }));
			const connection = new Connection(port).write(Buffer.concat([post(reportXml()), Buffer.alloc(45, '-')]));
			await connection.end();
			expect((await connection.answers()).map(({ status }) => status)).to.deep.equal([400]);
			const exchange = await exchanges.number(1);
			expect(exchange).to.include({ httpStatus: undefined, statusCode: undefined });
			expect(exchange.report?.messageId).to.equal('480000000000000001');
			expect(exchange.error?.code).to.equal('ERR_MM7_NOT_DELIVERED');
		});

		it('reports a response as delivered although the client disconnects before its upload is complete', async () => {
			const exchanges = new Exchanges();
			const { port } = await listen(app(undefined, { limits: { body: 1000 }, onExchange: exchanges.add }));
			const connection = new Connection(port).write(post('<a/>', { 'Content-Length': '2000000' }));
			expect((await connection.answers())[0]?.status).to.equal(413);
			connection.socket.destroy();
			const exchange = await exchanges.number(1);
			expect(exchange).to.include({ httpStatus: 413, statusCode: 2007 });
			expect(exchange.error?.code).to.equal('ERR_MM7_BODY_TOO_LARGE');
		});

		it('survives clients that leave in the middle of a part', async () => {
			const exchanges = new Exchanges();
			const { port, server } = await listen(app(undefined, { onExchange: exchanges.add }));
			const { headers, body } = multipart(reportXml());
			const whole = post(body, headers);
			for (const share of [0.3, 0.5, 0.7, 0.9, 0.99]) {
				const connection = new Connection(port).write(whole.subarray(0, Math.floor(whole.length * share)));
				await once(server, 'request');
				connection.socket.resetAndDestroy();
				await connection.end();
			}
			await exchanges.number(5);
			expect(exchanges.all.map(({ error }) => error?.code)).to.deep.equal(Array(5).fill('ERR_MM7_ABORTED'));
			const [answer] = await new Connection(port).write(whole).answers();
			expect(answer?.status).to.equal(200);
		});

		it('takes a multipart whose end is missing, when the body was complete', async () => {
			const { port } = await listen(app());
			const { headers, body } = multipart(reportXml());
			const [answer] = await new Connection(port).write(post(body.subarray(0, -15), headers)).answers();
			expect(answer?.status).to.equal(200);
		});

		it('serves as usual beside 1,000 clients that never finish', async function () {
			this.timeout(60_000);
			const { port, server } = await listen(app(async () => undefined, { bodyTimeout: 3000 }));
			const heap = () => {
				collectGarbage();
				return process.memoryUsage().heapUsed;
			};
			const before = heap();

			let waiting = 0;
			const allWaiting = new Promise<void>((resolve) => {
				server.on('request', (req) => {
					if (req.headers['x-slow'] && ++waiting === 1000) resolve();
				});
			});
			const head = post('', { 'Content-Length': '1000', 'X-Slow': 'yes' });
			const slow = Array.from({ length: 1000 }, () => new Connection(port).write(head).write('<?xml'));
			await allWaiting;
			const perClient = (heap() - before) / 1000;

			const latencies: number[] = [];
			for (let i = 0; i < 200; i++) {
				const started = performance.now();
				const [answer] = await new Connection(port).write(post(reportXml(), { Connection: 'close' })).answers();
				expect(answer?.status).to.equal(200);
				latencies.push(performance.now() - started);
			}
			latencies.sort((one, other) => one - other);
			console.log(
				`        beside 1,000 slow clients: p50 ${latencies[100]?.toFixed(1)} ms, p99 ${latencies[198]?.toFixed(1)} ms, ` +
					`${(perClient / 1024).toFixed(1)} KB of heap for each (both ends)`,
			);
			expect(latencies[198]).to.be.below(1000);
			expect(perClient).to.be.below(100 * 1024);

			const answers = await Promise.all(slow.map((connection) => connection.answers()));
			expect(new Set(answers.map(([answer]) => answer?.status))).to.deep.equal(new Set([408]));
			await Promise.all(slow.map((connection) => connection.end()));
		});
	});

	it('answers what it was handling when the server is closed', async () => {
		let finish: () => void = () => undefined;
		let started: () => void = () => undefined;
		const running = new Promise<void>((resolve) => {
			started = resolve;
		});
		const handler: Handler = (_report: DeliveryReport) => {
			started();
			return new Promise<void>((resolve) => {
				finish = resolve;
			});
		};
		const { port, server } = await listen(app(handler));
		const connection = new Connection(port).write(post(reportXml(), { Connection: 'close' }));
		await running;
		const closed = once(server, 'close');
		server.close();
		finish();
		const [answer] = await connection.answers();
		expect(readAnswer(answer?.body ?? '').statusCode).to.equal(1000);
		await closed;
	});
});
