import { expect } from 'chai';
import { type DeliveryReportRequest, deliveryReportRequest, type SinchVerdict } from '../../lib/testing/index.js';
import { failedMessages, gatewayEvent, judgeResult, queueEvent, sendByHttp, sendByHttps } from '../support/provider.js';
import { type Identity, RunningSample, type Sample, samples, typeErrors, writeSamples } from '../support/samples.js';

const PASSWORD = 'a-password-of-the-test';
const ENV = {
	MM7_PASSWORD: PASSWORD,
	// nobody listens there: a report does not wait for its store
	REDIS_URL: 'redis://127.0.0.1:1',
};
const TRANSACTION_ID = '20260099';

/** A report from a provider that may come in: by its credentials, and by its address behind a proxy. */
function reportFor({ code }: Sample): DeliveryReportRequest {
	const user = /basicAuth\(\{ (\w+):/.exec(code)?.[1];
	const headers = {
		'X-Forwarded-For': '192.0.2.7',
		...(user !== undefined && { Authorization: `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}` }),
	};
	return deliveryReportRequest({ transactionId: TRANSACTION_ID }, { form: 'multipart', headers });
}

/** The paths at which a sample takes reports. */
function pathsOf({ code }: Sample): string[] {
	const mounts = [...code.matchAll(/\bapp\.use\(\s*'(\/[^']*)'/g)].map(([, path]) => path as string);
	return mounts.length > 0 ? mounts : ['/mm7'];
}

describe('the samples of the documents', function () {
	this.timeout(30_000);

	const all = samples();
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

	it('are found', () => {
		const documents = all.map(({ name }) => name.split(':')[0]);
		expect(documents).to.include.members(['README.md', 'docs/api.md', 'docs/hosting.md', 'docs/testing.md']);
	});

	it('have nothing beside them that does not compile', () => {
		expect(errors.filter((line) => !all.some(({ file }) => line.startsWith(file)))).to.deep.equal([]);
	});

	for (const sample of all) {
		it(`${sample.name} compiles, runs, and has the reports accepted that are sent to it`, async () => {
			expect(errors.filter((line) => line.startsWith(sample.file))).to.deep.equal([]);

			running = new RunningSample(sample, ENV);
			const { server, handler } = await running.ready();
			const paths = server || handler ? pathsOf(sample) : [];
			for (const path of paths) {
				const request = reportFor(sample);
				const verdict = server ? await sendTo(server, path, request) : await hand(running, sample, path, request);
				expect(verdict).to.deep.equal({ verdict: 'accepted', reason: undefined });
			}
			if (sample.code.includes('saveStatus(')) {
				expect(await running.saved()).to.equal(paths.length || 1);
			}
			if (sample.code.includes('SIGTERM')) expect(await running.terminate()).to.equal(0);
		});
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

	/** Gives a report to the handler that a sample exports: one behind API Gateway, or one behind a queue. */
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
