import { expect } from 'chai';
import { parseDeliveryReport } from '../../../lib/index.js';
import { deliveryReportRequest, judgeAsSinch, type SentReport } from '../../../lib/provider/testing/index.js';

const ACCEPTED = `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>
	<TransactionID xmlns="urn:mm7" e:mustUnderstand="1">1</TransactionID></e:Header><e:Body>
	<DeliveryReportRsp xmlns="urn:mm7"><MM7Version>6.8.0</MM7Version><Status><StatusCode>1000</StatusCode>
	<StatusText>ok</StatusText></Status></DeliveryReportRsp></e:Body></e:Envelope>`;
const SENT = { transactionId: '1', namespace: 'urn:mm7', operation: 'DeliveryReportReq' } as const;

function verdictOn(body: string, sent: string | SentReport = '1', status = 200) {
	return judgeAsSinch({ status, body }, sent);
}

function inFault(body: string): string {
	return body.replace('<Deli', '<e:Fault><detail><Deli').replace('</e:Body', '</detail></e:Fault></e:Body');
}

describe('judgeAsSinch', () => {
	for (const [what, sent] of [
		['only its TransactionID', '1'],
		['namespace and operation too', SENT],
		['white space around the TransactionID', { ...SENT, transactionId: '\n1 ' }],
	] as const) {
		it(`accepts the response to a report, given ${what}`, () => {
			expect(verdictOn(ACCEPTED, sent)).to.deep.equal({ verdict: 'accepted', reason: undefined });
		});
	}

	it('accepts the response to a report that was parsed', async () => {
		const { headers, body } = deliveryReportRequest({ transactionId: '1', namespace: 'urn:mm7' });
		expect(verdictOn(ACCEPTED, await parseDeliveryReport(body, headers)).verdict).to.equal('accepted');
	});

	it('accepts a response without mustUnderstand, whatever was sent', () => {
		const body = ACCEPTED.replace(' e:mustUnderstand="1"', '');
		for (const mustUnderstand of [true, false]) {
			expect(verdictOn(body, { ...SENT, mustUnderstand }).verdict).to.equal('accepted');
		}
	});

	for (const statusCode of [1100, 2005]) {
		it(`treats HTTP 200 with StatusCode ${statusCode} as a final rejection`, () => {
			const verdict = verdictOn(ACCEPTED.replace('1000', `${statusCode}`));
			expect(verdict).to.deep.equal({ verdict: 'rejected', reason: `StatusCode ${statusCode}` });
		});
	}

	it('treats HTTP 200 with a fault as a final rejection of any operation, if it has a StatusCode', () => {
		const body = inFault(ACCEPTED).replaceAll('DeliveryReportRsp', 'VASPErrorRsp').replace('1000', '4003');
		for (const operation of ['DeliveryReportReq', 'ReadReplyReq'] as const) {
			expect(verdictOn(body, { ...SENT, operation })).to.deep.equal({ verdict: 'rejected', reason: 'StatusCode 4003' });
		}
	});

	for (const status of [202, 401, 500]) {
		it(`retries after HTTP ${status}`, () => {
			expect(verdictOn(ACCEPTED, '1', status)).to.deep.equal({ verdict: 'retry', reason: `HTTP ${status}` });
		});
	}

	for (const [reason, body, sent] of [
		["the response is not well-formed XML: 'OK'", 'OK', '1'],
		['another TransactionID', ACCEPTED, '2'],
		['no TransactionID', ACCEPTED.replace(/<e:Header>.*<\/e:Header>/s, ''), '1'],
		['no StatusCode', ACCEPTED.replace(/<StatusCode>.*<\/StatusCode>/, ''), '1'],
		['TransactionID in another namespace', ACCEPTED.replace('ID xmlns="urn:mm7"', 'ID'), '1'],
		['TransactionID in another namespace', ACCEPTED.replace('ID xmlns="urn:mm7"', 'ID xmlns="urn:b"'), '1'],
		['TransactionID in another namespace', ACCEPTED.replaceAll('urn:mm7', 'urn:b'), SENT],
		['DeliveryReportRsp in another namespace', ACCEPTED.replace('Rsp xmlns="urn:mm7"', 'Rsp xmlns="urn:b"'), SENT],
		['mustUnderstand="1" was not in the request', ACCEPTED, { ...SENT, mustUnderstand: false }],
		['DeliveryReportRsp instead of ReadReplyRsp', ACCEPTED, { ...SENT, operation: 'ReadReplyReq' }],
		['StatusCode 1000 in a fault', inFault(ACCEPTED), '1'],
	] as const) {
		it(`retries after: ${reason}`, () => {
			expect(verdictOn(body, sent)).to.deep.equal({ verdict: 'retry', reason });
		});
	}
});
