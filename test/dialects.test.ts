import { join } from 'node:path';
import { expect } from 'chai';
import { parseDeliveryReport } from '../lib/index.js';
import { readAnswer } from './support/answer.js';
import { type Dialect, fieldsOf, readDialects } from './support/dialect.js';
import { Receiver } from './support/receiver.js';
import { EXPRESS, type RawAnswer, stopServers } from './support/server.js';

const DIALECTS = readDialects(join(__dirname, 'dialects'));

describe('the dialects of senders', () => {
	for (const release of Object.keys(EXPRESS) as (keyof typeof EXPRESS)[]) {
		describe(`over HTTP, with ${release}`, () => {
			let receiver: Receiver;
			before(async () => {
				receiver = await Receiver.start(release);
			});
			after(stopServers);

			for (const dialect of DIALECTS) {
				it(`${dialect.name}: ${dialect.about}`, async () => {
					const { answer, report } = await receiver.send(dialect.request);
					if (!report) throw new Error(`no report, but: ${answer.status} ${answer.body}`);
					expect(fieldsOf(report, dialect.report)).to.deep.equal(dialect.report);
					expectAnswer(answer, dialect);
				});
			}
		});
	}

	describe('without Express, by parseDeliveryReport', () => {
		for (const dialect of DIALECTS) {
			it(dialect.name, async () => {
				const report = await parseDeliveryReport(dialect.bytes, dialect.headers);
				expect(fieldsOf(report, dialect.report)).to.deep.equal(dialect.report);
			});
		}
	});

	it('each say what they expect of the fields that identify a report', () => {
		for (const { name, report } of DIALECTS) {
			expect(report, name).to.include.all.keys('transactionId', 'messageId', 'recipient', 'mmStatus', 'state');
		}
	});
});

/** The one answer that every sender takes: HTTP 200, 1000, and what it sent repeated. */
function expectAnswer({ status, headers, body }: RawAnswer, { report, answer = {} }: Dialect): void {
	const { soapVersion = '1.1', mustUnderstand, ...echo } = answer;
	const contentType = { '1.1': 'text/xml', '1.2': 'application/soap+xml' }[soapVersion];
	expect(status).to.equal(200);
	expect(headers['content-type']).to.equal(`${contentType}; charset=utf-8`);
	expect(headers['content-length']).to.equal(String(body.length));

	const read = readAnswer(Buffer.from(body, 'latin1').toString());
	expect(read).to.include({
		soapVersion,
		operation: 'DeliveryReportRsp',
		transactionId: report['transactionId'],
		statusCode: 1000,
		statusText: 'Success',
		...(typeof report['namespace'] === 'string' && { namespace: report['namespace'] }),
		...(typeof report['mm7Version'] === 'string' && { mm7Version: report['mm7Version'] }),
		...echo,
	});
	if (mustUnderstand !== undefined) expect(read.mustUnderstand).to.equal(mustUnderstand);
	expect(read.transactionIdNamespace).to.equal(answer.transactionIdNamespace ?? read.namespace);
}
