import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { JetStreamApiError, type JetStreamPublishOptions } from '@nats-io/jetstream';
import { expect } from 'chai';
import { type DeliveryReport, duplicateKey, type Mm7Request } from 'mm7-delivery-reports';
import { publishReports } from '../../lib/publish-reports.js';
import { decodeReport } from '../../lib/report-message.js';
import { reportOf } from '../support/reports.js';

type Publish = Parameters<typeof publishReports>[0]['publish'];

const UP = { whenUp: async () => {} };

const stored: Awaited<ReturnType<Publish>> = { stream: 'MM7_REPORTS', seq: 1, duplicate: false, domain: '' };

describe('publishReports', () => {
	it('publishes the report under the key of its copies, and the key with it', async () => {
		const report = await reportOf(1, { mmStatus: 'Deferred' });
		const calls: { subject: string; data: unknown; options: Partial<JetStreamPublishOptions> | undefined }[] = [];

		await handle(async (subject, data, options) => {
			calls.push({ subject, data, options });
			return stored;
		}, report);

		const [{ subject, data, options } = {}] = calls;
		expect(subject).to.equal('mm7.reports.pending');
		expect(options?.msgID).to.equal(duplicateKey(report));
		expect(decodeReport(String(data))).to.deep.equal({ key: duplicateKey(report), report });
	});

	it('tries again what may pass, with the same message id', async () => {
		const ids: (string | undefined)[] = [];

		await handle(async (_subject, _data, options) => {
			ids.push(options?.msgID);
			if (ids.length === 1) throw new Error('connection disconnected');
			return stored;
		});

		expect(ids).to.have.length(2);
		expect(ids[0]).to.equal(ids[1]);
	});

	it('does not try again what JetStream itself refused', async () => {
		const refusal = new JetStreamApiError({ code: 503, err_code: 10077, description: 'maximum bytes exceeded' });
		let attempts = 0;

		const failure = await failureOf(
			handle(async () => {
				attempts += 1;
				throw refusal;
			}),
		);

		expect(failure).to.equal(refusal);
		expect(attempts).to.equal(1);
	});

	it('gives up when its time is over, with the last failure', async () => {
		const away = new Error('no responders');
		const start = performance.now();

		const failure = await failureOf(
			handle(async () => {
				throw away;
			}),
		);

		expect(failure).to.equal(away);
		expect(performance.now() - start).to.be.within(250, 1_000);
	});

	it('gives up when the signal of the middleware is aborted', async () => {
		const middleware = new AbortController();
		const away = new Error('no responders');

		const failure = await failureOf(
			handle(
				async () => {
					middleware.abort();
					throw away;
				},
				undefined,
				middleware.signal,
			),
		);

		expect(failure).to.equal(away);
	});

	it('sends nothing while there is no connection', async () => {
		let attempts = 0;
		const publish: Publish = async () => {
			attempts += 1;
			return stored;
		};
		const whenUp = async () => {
			throw new Error('NATS is away');
		};

		const failure = await failureOf(handle(publish, undefined, undefined, { whenUp }));

		expect(failure).to.be.instanceOf(Error).with.property('message', 'NATS is away');
		expect(attempts).to.equal(0);
	});
});

async function handle(
	publish: Publish,
	report?: DeliveryReport,
	signal = new AbortController().signal,
	connection = UP,
) {
	const handler = publishReports({ publish }, connection, 300);
	await handler(report ?? (await reportOf(1)), new IncomingMessage(new Socket()) as Mm7Request, { signal });
}

function failureOf(promise: Promise<unknown>): Promise<unknown> {
	return promise.then(
		() => undefined,
		(error: unknown) => error,
	);
}
