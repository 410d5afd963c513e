import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RequestHandler } from 'express';
import { type DeliveryReport, mm7DeliveryReports, parseDeliveryReport } from '../lib/index.js';
import { type Dialect, fieldsOf, readDialects } from './support/dialect.js';
import { readResponse } from './support/response.js';
import { Connection, EXPRESS, listen, type RawResponse, stopServers } from './support/server.js';

const DIALECTS = readDialects(join(__dirname, 'dialects'));

/** Sends a request and returns its only response; one that expects "100 Continue" keeps its body until then. */
async function send(port: number, { head, body }: Dialect['request']): Promise<RawResponse | undefined> {
	const connection = new Connection(port).write(head);
	const mustWait = /^expect: *100-continue/im.test(head.toString('latin1'));
	while (mustWait && !connection.received.includes('100 Continue\r\n\r\n')) await once(connection.socket, 'data');
	const [response] = await connection.write(body).responses();
	connection.socket.destroy();
	return response;
}

describe('the dialects of senders', () => {
	for (const [release, express] of Object.entries(EXPRESS)) {
		describe(`over HTTP, with ${release}`, () => {
			let report: DeliveryReport | undefined;
			let port: number;
			before(async () => {
				const middleware = mm7DeliveryReports((given) => {
					report = given;
				});
				({ port } = await listen(express().use(middleware as RequestHandler)));
			});
			after(stopServers);

			for (const dialect of DIALECTS) {
				it(`${dialect.name}: ${dialect.about}`, async () => {
					report = undefined;
					const response = await send(port, dialect.request);
					if (!report) throw new Error(`no report, but: ${response?.status} ${response?.body}`);
					expect(fieldsOf(report, dialect.report)).to.deep.equal(dialect.report);
					expectResponse(response as RawResponse, dialect);
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

	it('all state the fields that identify a report', () => {
		for (const { name, report } of DIALECTS) {
			expect(report, name).to.include.all.keys('transactionId', 'messageId', 'recipient', 'mmStatus', 'state');
		}
	});
});

/** Expects the one response that every sender accepts: HTTP 200, StatusCode 1000, and the sender's values repeated. */
function expectResponse({ status, headers, body }: RawResponse, { report, response = {} }: Dialect): void {
	const { soapVersion = '1.1', mustUnderstand, ...echo } = response;
	const contentType = { '1.1': 'text/xml', '1.2': 'application/soap+xml' }[soapVersion];
	expect(status).to.equal(200);
	expect(headers['content-type']).to.equal(`${contentType}; charset=utf-8`);
	expect(headers['content-length']).to.equal(String(body.length));

	const read = readResponse(Buffer.from(body, 'latin1').toString());
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
	expect(read.transactionIdNamespace).to.equal(response.transactionIdNamespace ?? read.namespace);
}
