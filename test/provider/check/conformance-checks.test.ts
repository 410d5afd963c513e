import type { OutgoingHttpHeaders, RequestListener } from 'node:http';
import { expect } from 'chai';
import { basicAuth, type Options } from '../../../lib/index.js';
import { conformanceChecks } from '../../../lib/provider/check/conformance-checks.js';
import { targetAt } from '../../../lib/provider/check/target.js';
import { OTHER_WRITERS } from '../../support/other-writers.js';
import { runCommand } from '../../support/run-command.js';
import { app, EXPRESS, listen, stopServers } from '../../support/server.js';

interface Result {
	readonly id: string;
	readonly passed: boolean;
	readonly reason?: string;
}

const readReplies = () => undefined;

/** Runs `check --json` against a receiver. */
async function check(receiver: RequestListener): Promise<{ code: number; results: Result[]; failed: string[] }> {
	const { port } = await listen(receiver);
	const { code, stdout } = await runCommand('check', `http://127.0.0.1:${port}/mm7`, '--json');
	const results = stdout
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line) as Result);
	return { code, results, failed: results.filter(({ passed }) => !passed).map(({ id }) => id) };
}

describe('mm7-delivery-reports check', () => {
	afterEach(stopServers);

	for (const [name, express] of Object.entries(EXPRESS)) {
		describe(`of the middleware in ${name}`, () => {
			for (const { id, level, clause, title, run } of conformanceChecks) {
				it(`${id} ${level} ${title} (${clause})`, async () => {
					const { port } = await listen(app(undefined, {}, express));
					await run(targetAt(new URL(`http://127.0.0.1:${port}/mm7`), {}, 10_000));
				});
			}
		});
	}

	it('prints a line for each check, and exits with 0 if all pass', async () => {
		const { port } = await listen(app(undefined, { authenticate: basicAuth({ sinch: 'secret' }) }));
		const { code, stdout } = await runCommand('check', `http://sinch:secret@127.0.0.1:${port}/mm7`);
		const lines = stdout.trimEnd().split('\n');
		expect(lines.filter((line) => !line.startsWith('ok   MM7-'))).to.deep.equal([]);
		expect(lines).to.have.length(conformanceChecks.length);
		expect(code).to.equal(0);
	});

	it('prints JSON, and exits with 1 and the reason if a check fails', async () => {
		const { code, results } = await check(app(() => ({ statusCode: 3000 })));
		expect(results.map(({ id }) => id)).to.deep.equal(conformanceChecks.map(({ id }) => id));
		expect(results.find(({ id }) => id === 'MM7-102')).to.include({
			level: 'MUST',
			passed: false,
			reason: 'StatusCode is 3000, not 1000',
		});
		expect(code).to.equal(1);
	});

	it('passes the middleware that handles read replies and sends faults with HTTP 200', async () => {
		expect((await check(app(undefined, { readReplies, clientFaultStatus: 200 }))).failed).to.deep.equal([]);
	});

	for (const [words, write] of Object.entries(OTHER_WRITERS)) {
		it(`passes a receiver that conforms in other words: ${words}`, async () => {
			const receiver = altered(app(undefined, { readReplies }), write);
			expect((await check(receiver)).failed).to.deep.equal([]);
		});
	}

	const FAULT =
		'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><e:Fault>' +
		'<faultcode>e:Server</faultcode><faultstring>x</faultstring></e:Fault></e:Body></e:Envelope>';
	/** Mistakes that were seen in the wild. */
	for (const [mistake, status, type, body] of [
		['an empty 200', 200, 'text/xml; charset=utf-8', ''],
		['200 OK as text', 200, 'text/plain', 'OK'],
		['an empty 500', 500, 'text/plain', ''],
		['the same fault for everything', 500, 'text/xml; charset=utf-8', FAULT],
	] as const) {
		it(`fails every check for ${mistake}`, async () => {
			const { results, failed } = await check((req, res) => {
				req.resume();
				res.writeHead(status, { 'Content-Type': type }).end(body);
			});
			expect(failed).to.deep.equal(conformanceChecks.map(({ id }) => id));
			for (const { reason } of results) expect(reason).to.be.a('string').that.is.not.empty;
		});
	}

	it('fails every check if nothing is listening', async () => {
		const { stdout } = await runCommand('check', 'http://127.0.0.1:9/', '--json');
		expect(stdout).not.to.include('"passed":true');
	});

	const unchanged = (response: string) => response;
	const WITH_DETAIL = ['MM7-356', 'MM7-401', 'MM7-402', 'MM7-403', 'MM7-405', 'MM7-408'];
	const FAULTS = [...WITH_DETAIL, 'MM7-404', 'MM7-406'].sort();
	/** Receivers with one mistake, and the checks that have to find it. */
	const ALMOST: [mistake: string, ids: string[], wrong: (response: string) => string, options?: Options][] = [
		[
			'always sets mustUnderstand',
			['MM7-207'],
			(response) =>
				response.replace(/(<TransactionID [^>]*?)( env:mustUnderstand="1")?>/, '$1 env:mustUnderstand="1">'),
		],
		[
			'puts the TransactionID into the namespace of the operation',
			['MM7-206'],
			(response) => response.replace(/ID xmlns="[^"]*"/, `ID xmlns="${/Rsp xmlns="([^"]*)/.exec(response)?.[1]}"`),
		],
		[
			'writes a fault code in a namespace other than that of SOAP',
			FAULTS,
			(response) => response.replace('<faultcode>env:', '<faultcode xmlns:x="urn:x">x:'),
		],
		['writes a fault code without a prefix', FAULTS, (response) => response.replace('<faultcode>env:', '<faultcode>')],
		[
			'writes the MM7Version of its faults in no namespace',
			WITH_DETAIL,
			(response) => response.replace(/(VASPErrorRsp [^>]*>)<MM7Version>/, '$1<MM7Version xmlns="">'),
		],
		[
			'sends a detail with faults about the header',
			['MM7-404'],
			(response) => response.replace(/(TransactionID<\/faultcode>.*<\/faultstring>)/, '$1<detail/>'),
		],
		[
			'responds to a read reply with DeliveryReportRsp',
			['MM7-356'],
			(response) => response.replaceAll('ReadReplyRsp', 'DeliveryReportRsp'),
			{ readReplies },
		],
		['rejects the read replies that it handles', ['MM7-356'], unchanged, { readReplies: () => ({ statusCode: 3000 }) }],
		[
			'fails to handle read replies',
			['MM7-356'],
			unchanged,
			{ readReplies: () => Promise.reject(new Error('no such table')) },
		],
	];
	for (const [mistake, ids, wrong, options] of ALMOST) {
		it(`fails only ${ids} for a receiver that ${mistake}`, async () => {
			expect((await check(altered(app(undefined, options), wrong))).failed).to.deep.equal(ids);
		});
	}

	it('numbers every check once, in order', () => {
		const ids = conformanceChecks.map(({ id }) => id);
		expect(ids).to.deep.equal([...new Set(ids)].sort());
	});
});

/** A receiver whose responses are altered before they are sent. */
function altered(receiver: RequestListener, alter: (response: string) => string): RequestListener {
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
