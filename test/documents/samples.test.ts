import { expect } from 'chai';
import {
	type DeliveryReportRequest,
	deliveryReportRequest,
	judgeAsSinch,
	type SinchVerdict,
} from '../../lib/provider/testing/index.js';
import { codeIn, readMarkdown } from '../support/markdown.js';
import { failedMessages, gatewayEvent, judgeResult, queueEvent, sendByHttp, sendByHttps } from '../support/provider.js';
import {
	type Identity,
	needsExtraPackages,
	RunningSample,
	type Sample,
	samples,
	typeErrors,
	writeSamples,
} from '../support/samples.js';
import { Connection, post, readRawResponses } from '../support/server.js';

const PASSWORD = 'a-password-of-the-test';
const ENV = {
	MM7_PASSWORD: PASSWORD,
	// nothing listens on this port: a report does not wait for its store
	REDIS_URL: 'redis://127.0.0.1:1',
};
const TRANSACTION_ID = '20260099';
const CHUNKED_HEAD = 'POST /mm7 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

/** A report from an authorized provider: with its credentials, and its address in front of a proxy. */
function reportFor({ code }: Sample): DeliveryReportRequest {
	const user = /basicAuth\(\{ (\w+):/.exec(code)?.[1];
	const headers = {
		'X-Forwarded-For': '192.0.2.7',
		...(user !== undefined && { Authorization: `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}` }),
	};
	return deliveryReportRequest({ transactionId: TRANSACTION_ID }, { form: 'multipart', headers });
}

/** The paths where a sample receives reports. */
function pathsOf({ code }: Sample): string[] {
	const mounts = [...code.matchAll(/\bapp\.use\(\s*'(\/[^']*)'/g)].map(([, path]) => path as string);
	return mounts.length > 0 ? mounts : ['/mm7'];
}

/** A printed error without the lines that differ between machines. */
function withoutStack(printed: string): string {
	return printed.replace(/^ +at .*\n/gm, '').trim();
}

describe('the samples of the documents', function () {
	this.timeout(30_000);

	const all = samples().filter((sample) => !needsExtraPackages(sample));
	let provider: Identity;
	let errors: string[];
	let running: RunningSample | undefined;

	before(async () => {
		({ provider } = await writeSamples(all));
		errors = typeErrors();
	});
	afterEach(async () => {
		await running?.stop();
		running = undefined;
	});

	it('are found and compile', () => {
		const documents = all.map(({ name }) => name.split(':')[0]);
		expect(documents).to.include.members(['README.md', 'docs/hosting.md', 'docs/testing.md']);
		expect(errors).to.deep.equal([]);
	});

	for (const sample of all) {
		it(`${sample.name} runs and accepts reports`, async () => {
			running = new RunningSample(sample, ENV);
			const { server, handler } = await running.ready();
			const paths = server || handler ? pathsOf(sample) : [];
			for (const path of paths) {
				const request = reportFor(sample);
				const verdict = server ? await sendTo(server, path, request) : await hand(running, sample, path, request);
				expect(verdict).to.deep.equal({ verdict: 'accepted', reason: undefined });
			}
			if (/saveStatus\(|\(handler\b/.test(sample.code)) {
				expect(await running.saved()).to.equal(paths.length || 1);
			}
			if (sample.code.includes('SIGTERM')) expect(await running.terminate()).to.equal(0);
		});
	}

	it('log a report without phone numbers', async () => {
		running = new RunningSample(
			find(({ code }) => code.includes('console.log(\n\t\t\t\tJSON.stringify')),
			ENV,
		);
		const { server } = await running.ready();
		const number = '12015550199';
		const request = deliveryReportRequest({ messageId: '42', recipient: number, transactionId: TRANSACTION_ID });
		await sendByHttp(`http://127.0.0.1:${server?.port}/mm7`, request, TRANSACTION_ID);
		const line = await running.prints(/\{.*\}\n/);
		expect(line).not.to.include(number);
		expect(JSON.parse(line)).to.include({
			messageId: '42',
			mmStatus: 'Retrieved',
			httpStatus: 200,
			statusCode: 1000,
			from: '127.0.0.1',
		});
	});

	it('print the error that docs/sinch.md shows', async () => {
		running = new RunningSample(
			find(({ name }) => name.startsWith('README.md:')),
			ENV,
		);
		const { server } = await running.ready();
		const { body, headers } = deliveryReportRequest();
		const bad = { headers, body: String(body).replace('</MessageID>', '</MessageId>') };
		const response = await fetch(`http://127.0.0.1:${server?.port}/mm7`, { method: 'POST', ...bad });
		const [printed = '', responded = ''] = codeIn(readMarkdown('docs/sinch.md'), 'text', 'xml').map(
			({ value }) => value,
		);
		expect(withoutStack(await running.prints(/^}\n/m))).to.equal(withoutStack(printed));
		expect(await response.text()).to.equal(responded.replace(/>\n *</g, '><').replace('?><', '?>\n<'));
	});

	describe('of a server that sends pending responses', () => {
		async function start(): Promise<Connection> {
			running = new RunningSample(
				find(({ code }) => code.includes('clientError')),
				ENV,
			);
			const { server } = await running.ready();
			return new Connection(server?.port ?? 0);
		}

		for (const version of ['HTTP/1.0', 'HTTP/1.1']) {
			it(`respond to a report with more bytes than announced, over ${version}`, async () => {
				const { headers, body } = reportFor(find(() => true));
				const sent = Buffer.concat([post(Buffer.from(body), headers), Buffer.alloc(45, '-')]);
				const connection = await start();
				connection.write(sent.toString('latin1').replace('HTTP/1.1', version));
				await connection.end();
				const [response] = readRawResponses(connection.received);
				expect(judgeAsSinch({ status: 0, ...response, body: response?.body ?? '' }, TRANSACTION_ID)).to.include({
					verdict: 'accepted',
				});
				expect(connection.received).not.to.include('400');
				expect(await running?.prints(/\n/)).to.match(/^bytes after the request of 127\.0\.0\.1: Parse Error: /);
				expect(await running?.saved()).to.equal(1);
			});
		}

		it('respond to a report without a Host header', async () => {
			const connection = await start();
			const { body } = deliveryReportRequest();
			const [response] = await connection.write(post(Buffer.from(body), { Host: undefined })).responses();
			expect(response?.status).to.equal(200);
		});

		for (const [name, request, status] of [
			['bytes that are not HTTP', 'hello\r\n\r\n', 400],
			['a chunked body that breaks off', `${CHUNKED_HEAD}5\r\n<a/>\r\n\r\nxyz\r\n`, 400],
			['a head that is too large', `POST /mm7 HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
		] as const) {
			it(`respond to ${name} with ${status}, and log it`, async () => {
				const connection = await start();
				await connection.write(request).end();
				expect(connection.received).to.match(new RegExp(`^HTTP/1.1 ${status} `));
				expect(await running?.prints(/\n/)).to.include('rejected a request from 127.0.0.1: Parse Error: ');
			});
		}
	});

	/** The first sample that matches. */
	function find(isMeant: (sample: Sample) => boolean): Sample {
		const sample = all.find(isMeant);
		if (!sample) throw new Error('there is no such sample');
		return sample;
	}

	function sendTo(
		{ port, tls }: { readonly port: number; readonly tls: boolean },
		path: string,
		request: DeliveryReportRequest,
	): Promise<SinchVerdict> {
		return tls
			? sendByHttps(`https://127.0.0.1:${port}${path}`, request, TRANSACTION_ID, provider)
			: sendByHttp(`http://127.0.0.1:${port}${path}`, request, TRANSACTION_ID);
	}

	/** Passes a report to the handler that a sample exports, after API Gateway or a queue. */
	async function hand(
		sample: RunningSample,
		{ code }: Sample,
		path: string,
		request: DeliveryReportRequest,
	): Promise<SinchVerdict> {
		const event = gatewayEvent(path, request);
		if (!code.includes('SQSEvent')) return judgeResult(await sample.call(event), TRANSACTION_ID);
		expect(failedMessages(await sample.call(queueEvent(event, { headers: {}, body: 'no report' })))).to.deep.equal([
			'message-2',
		]);
		return { verdict: 'accepted', reason: undefined };
	}
});
