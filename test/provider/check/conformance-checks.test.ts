import type { OutgoingHttpHeaders, RequestListener } from 'node:http';
import { expect } from 'chai';
import type { Options } from '../../../lib/index.js';
import { conformanceChecks } from '../../../lib/provider/check/conformance-checks.js';
import { type ConformanceResult, runConformance as runChecks } from '../../../lib/provider/check/run-checks.js';
import { Target, type TargetOptions } from '../../../lib/provider/check/target.js';
import { parseAnswer } from '../../../lib/provider/testing/parse-answer.js';
import { OTHER_WRITERS } from '../../support/other-writers.js';
import { app, EXPRESS, listen, stopServers } from '../../support/server.js';

async function runConformance(url: string | URL, options?: TargetOptions): Promise<ConformanceResult[]> {
	const results: ConformanceResult[] = [];
	for await (const result of runChecks(url, options)) results.push(result);
	return results;
}

describe('conformance', () => {
	for (const [name, express] of Object.entries(EXPRESS)) {
		describe(`of the middleware in ${name}`, () => {
			let target: Target;

			before(async () => {
				const { port } = await listen(app(undefined, {}, express));
				target = new Target(`http://127.0.0.1:${port}/mm7`);
			});
			after(stopServers);

			for (const { id, level, clause, title, run } of conformanceChecks) {
				it(`${id} ${level} ${title} (${clause})`, async () => {
					await run(target);
				});
			}
		});
	}

	const OPTIONS: Record<string, Options> = {
		'handles read replies': { readReplies: () => undefined },
		'answers faults with HTTP 200': { clientFaultStatus: 200 },
	};
	for (const [what, options] of Object.entries(OPTIONS)) {
		it(`is kept by the middleware that ${what}`, async () => {
			const { port } = await listen(app(undefined, options));
			const results = await runConformance(`http://127.0.0.1:${port}/mm7`);
			await stopServers();
			expect(results.filter(({ passed }) => !passed)).to.deep.equal([]);
		});
	}

	describe('of receivers that conform in other words', () => {
		afterEach(stopServers);

		for (const [words, write] of Object.entries(OTHER_WRITERS)) {
			it(`passes all checks: ${words}`, async () => {
				const receiver = altered(app(undefined, { readReplies: () => undefined }), (response) =>
					write(parseAnswer(response)),
				);
				const { port } = await listen(receiver);
				const results = await runConformance(`http://127.0.0.1:${port}/mm7`);
				expect(results.filter(({ passed }) => !passed)).to.deep.equal([]);
			});
		}
	});

	describe('of receivers that do not conform', () => {
		afterEach(stopServers);

		/** Ways to get it wrong that were seen in the wild. */
		const WRONG: Record<string, [status: number, type: string, body: string]> = {
			'a blank 200': [200, 'text/xml; charset=utf-8', ''],
			'200 OK as text': [200, 'text/plain', 'OK'],
			'a blank 500': [500, 'text/plain', ''],
			'the same fault for everything': [
				500,
				'text/xml; charset=utf-8',
				'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>' +
					'<faultcode>e:Server</faultcode><faultstring>x</faultstring></e:Fault></e:Body></e:Envelope>',
			],
		};
		for (const [name, [status, type, body]] of Object.entries(WRONG)) {
			it(`fails every check for ${name}`, async () => {
				const { port } = await listen((req, res) => {
					req.resume();
					res.writeHead(status, { 'Content-Type': type }).end(body);
				});
				const results = await runConformance(`http://127.0.0.1:${port}/`);
				expect(results).to.have.length(conformanceChecks.length);
				expect(results.filter(({ passed }) => passed).map(({ check }) => check.id)).to.deep.equal([]);
				for (const { reason } of results) expect(reason).to.be.a('string').that.is.not.empty;
			});
		}

		/** Receivers that are right but for one thing, and the checks that have to notice. */
		const ALMOST: Record<string, [options: Options, wrong: (answer: string) => string, ids: string[]]> = {
			'says mustUnderstand to everybody': [
				{},
				(answer) => answer.replace(/(<TransactionID [^>]*?)( env:mustUnderstand="1")?>/, '$1 env:mustUnderstand="1">'),
				['MM7-207'],
			],
			'answers the TransactionID in the namespace of the operation': [
				{},
				(answer) => answer.replace(/ID xmlns="[^"]*"/, `ID xmlns="${/Rsp xmlns="([^"]*)/.exec(answer)?.[1]}"`),
				['MM7-206'],
			],
			'writes a fault code in a namespace that is not of SOAP': [
				{},
				(answer) => answer.replace('<faultcode>env:', '<faultcode xmlns:x="urn:x">x:'),
				['MM7-356', 'MM7-401', 'MM7-402', 'MM7-403', 'MM7-404', 'MM7-405', 'MM7-406', 'MM7-408'],
			],
			'writes a fault code without a prefix': [
				{},
				(answer) => answer.replace('<faultcode>env:', '<faultcode>'),
				['MM7-356', 'MM7-401', 'MM7-402', 'MM7-403', 'MM7-404', 'MM7-405', 'MM7-406', 'MM7-408'],
			],
			'leaves the MM7Version of its faults in no namespace': [
				{},
				(answer) => answer.replace(/(VASPErrorRsp [^>]*>)<MM7Version>/, '$1<MM7Version xmlns="">'),
				['MM7-356', 'MM7-401', 'MM7-402', 'MM7-403', 'MM7-405', 'MM7-408'],
			],
			'sends a detail with faults about the header': [
				{},
				(answer) => answer.replace(/(TransactionID<\/faultcode>.*<\/faultstring>)/, '$1<detail/>'),
				['MM7-404'],
			],
			'answers a read reply with DeliveryReportRsp': [
				{ readReplies: () => undefined },
				(answer) => answer.replaceAll('ReadReplyRsp', 'DeliveryReportRsp'),
				['MM7-356'],
			],
			'refuses the read replies that it handles': [
				{ readReplies: () => ({ statusCode: 3000 }) },
				(a) => a,
				['MM7-356'],
			],
			'fails at read replies': [
				{
					readReplies: () => {
						throw new Error('no such table');
					},
				},
				(answer) => answer,
				['MM7-356'],
			],
		};
		for (const [what, [options, wrong, ids]] of Object.entries(ALMOST)) {
			it(`fails ${ids} alone for a receiver that ${what}`, async () => {
				const { port } = await listen(altered(app(undefined, options), wrong));
				const results = await runConformance(`http://127.0.0.1:${port}/mm7`);
				expect(results.filter(({ passed }) => !passed).map(({ check }) => check.id)).to.deep.equal(ids);
			});
		}

		it('says what is wrong in one phrase', async () => {
			const { port } = await listen(app(() => ({ statusCode: 3000 })));
			const results = await runConformance(`http://127.0.0.1:${port}/mm7`);
			const failed = results.find(({ check }) => check.id === 'MM7-102');
			expect(failed).to.deep.include({ passed: false, reason: 'StatusCode is 3000, not 1000' });
		});

		it('fails for nobody at home', async () => {
			const results = await runConformance('http://127.0.0.1:9/');
			expect(results.every(({ passed }) => !passed)).to.equal(true);
		});
	});

	it('numbers every check once, in order', () => {
		const ids = conformanceChecks.map(({ id }) => id);
		expect(new Set(ids).size).to.equal(ids.length);
		expect(ids).to.deep.equal([...ids].sort());
	});

	it('refuses what is no URL of HTTP', () => {
		expect(() => new Target('ftp://localhost/')).to.throw(TypeError);
		expect(() => new Target('localhost')).to.throw(TypeError);
	});
});

/** A receiver whose every answer is altered before it is sent. */
function altered(receiver: RequestListener, alter: (answer: string) => string): RequestListener {
	return (req, res) => {
		const writeHead = res.writeHead.bind(res);
		const end = res.end.bind(res);
		let head: [number, OutgoingHttpHeaders] | undefined;
		Object.assign(res, {
			writeHead(status: number, headers: OutgoingHttpHeaders) {
				head = [status, headers];
				return res;
			},
			write: (body: string) => res.end(body),
			end(body: string | undefined) {
				if (head === undefined || body === undefined) return res;
				const text = alter(body);
				writeHead(head[0], { ...head[1], 'Content-Length': Buffer.byteLength(text) });
				return end(text);
			},
		});
		receiver(req, res);
	};
}
