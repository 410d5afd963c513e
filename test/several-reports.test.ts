import { expect } from 'chai';
import request from 'supertest';
import { parseDeliveryReport } from '../lib/index.js';
import { NAMESPACE, reportXml } from './support/report.js';
import { readResponse } from './support/response.js';
import { app, Exchanges } from './support/server.js';

const XML = reportXml();
const OPERATION = /<DeliveryReportReq>.*<\/DeliveryReportReq>/.exec(XML)?.[0] ?? '';
const OTHER = OPERATION.replace('480000000000000001', '480000000000000002').replace('12015550123', '12015550124');
const MULTI_REF = '<multiRef id="id0"><Number>12015550123</Number></multiRef>';

const withOperations = (...operations: string[]) => XML.replace(OPERATION, operations.join(''));
const withRecipient = (content: string) => reportXml({ elements: { Recipient: content } });
const withRecipients = (content: string) => reportXml({ elements: { Recipient: undefined, Recipients: content } });
const item = (key: string, value: string) => `<item><key>${key}</key><value>${value}</value></item>`;
const ONE = '<Number>12015550123</Number>';
const TWO = '<Number>12015550124</Number>';

/** Each contains a second report that would be lost silently. */
const SEVERAL: Readonly<Record<string, string>> = {
	'two reports in one Body': withOperations(OPERATION, OTHER),
	'the same report twice in one Body': withOperations(OPERATION, OPERATION),
	'a report and a read reply': withOperations(OPERATION, OTHER.replaceAll('DeliveryReport', 'ReadReply')),
	'a report after another operation': withOperations('<DeliverReq/>', OPERATION),
	'a report of another release': withOperations(OPERATION, OTHER.replace('>', ` xmlns="${NAMESPACE}x">`)),
	'a second report after values of SOAP encoding': withOperations(OPERATION, MULTI_REF, OTHER),
	'a second report with an id': withOperations(OPERATION, OTHER.replace('>', ' id="id1">')),
	'two Bodies': XML.replace('</env:Body>', `</env:Body><env:Body>${OTHER}</env:Body>`),
	'two numbers in one Recipient': withRecipient(ONE + TWO),
	'two numbers in one To': withRecipient(`<To>${ONE}${TWO}</To>`),
	'a number and a short code': withRecipient(`${ONE}<ShortCode>54321</ShortCode>`),
	'a number and a mailbox': withRecipient(`${ONE}<RFC2822Address>joe@example.net</RFC2822Address>`),
	'a number inside To and one next to it': withRecipient(`<To>${ONE}</To>${TWO}`),
	'two Recipients': withRecipient(`${ONE}</Recipient><Recipient>${TWO}`),
	'two Recipient in Recipients': withRecipients(`<Recipient>${ONE}</Recipient><Recipient>${TWO}</Recipient>`),
	'two To': withRecipients(`<To>${ONE}</To><To>${TWO}</To>`),
	'To and Cc': withRecipients(`<To>${ONE}</To><Cc>${TWO}</Cc>`),
	'a Recipient next to Recipients': withRecipient(`${ONE}</Recipient><Recipients>${TWO}</Recipients><Recipient>`),
	'two texts in Recipients': withRecipients('<To>12015550123</To><To>12015550124</To>'),
	'two texts under a name of their own': withRecipient('<Msisdn>12015550123</Msisdn><Msisdn>12015550124</Msisdn>'),
	'two items of a list': withRecipients(`<item>${ONE}</item><item>${TWO}</item>`),
	'two items of a list of texts': withRecipients('<item>12015550123</item><item>12015550124</item>'),
	'two items of a map': withRecipient(item('Number', '12015550123') + item('Number', '12015550124')),
	'two reports as arguments of PHP': withOperations(
		'<DeliveryReportReq>' +
			['1', '2'].map((id) => `<param${id}>${item('MessageID', id)}</param${id}>`).join('') +
			`<Recipient>${ONE}</Recipient><MMStatus>Retrieved</MMStatus></DeliveryReportReq>`,
	),
	'two MessageIDs': reportXml({ elements: { MessageID: '1</MessageID><MessageID>2' } }),
	'two MMStatus': reportXml({ elements: { MMStatus: 'Retrieved</MMStatus><MMStatus>Expired' } }),
};

/** Each repeats elements without contradicting itself. */
const ONE_REPORT: Readonly<Record<string, string>> = {
	'the same number in two forms': withRecipient(`${ONE}<RFC2822Address>+12015550123/TYPE=PLMN@mms</RFC2822Address>`),
	'the same number in two To': withRecipients(`<To>${ONE}</To><To>${ONE}</To>`),
	'an empty address next to the number': withRecipient(`<ShortCode/>${ONE}<Number> </Number>`),
	'an empty To next to the number': withRecipients(`<To>${ONE}</To><Cc/>`),
	'the same MessageID twice': reportXml({
		elements: { MessageID: '480000000000000001</MessageID><MessageID>480000000000000001' },
	}),
	'a field of the vendor whose name differs in case': reportXml({
		elements: { MessageId: 'other', Mmstatus: 'other' },
	}),
	'a TransactionId next to the TransactionID': XML.replace('<TransactionID ', '<TransactionId>other</TransactionId>$&'),
	'an empty second Body': XML.replace('</env:Body>', '</env:Body><env:Body/>'),
	'values of SOAP encoding after the operation': withOperations(
		OPERATION.replace(`<Recipient>${ONE}</Recipient>`, '<Recipient href="#id0"/>'),
		MULTI_REF,
		'<multiRef id="id1"><Number>12015550124</Number></multiRef>',
	),
	'values of SOAP encoding before the operation': withOperations(
		MULTI_REF,
		OPERATION.replace(`<Recipient>${ONE}</Recipient>`, '<Recipient href="#id0"/>'),
	),
	'other elements next to the operation': withOperations('<Trace>1</Trace>', OPERATION, '<Trace>2</Trace>'),
};

async function outcomeOf(xml: string) {
	const exchanges = new Exchanges();
	const reports: string[] = [];
	const receiver = app((report) => void reports.push(report.recipient.address), {
		onExchange: exchanges.add,
		readReplies: (reply) => void reports.push(reply.recipient.address),
		otherOperations: ({ operation }) => void reports.push(operation),
	});
	const { status, text } = await request(receiver).post('/mm7').type('xml').send(xml);
	return { status, reports, response: readResponse(text), exchange: await exchanges.number(1) };
}

describe('a request with several reports', () => {
	for (const [name, xml] of Object.entries(SEVERAL)) {
		it(`is rejected as a whole: ${name}`, async () => {
			const { status, reports, response, exchange } = await outcomeOf(xml);
			expect(status).to.equal(200);
			expect(reports).to.deep.equal([]);
			expect(response).to.include({ transactionId: '20260001', namespace: NAMESPACE, statusCode: 4004 });
			expect(response.details).to.be.a('string');
			expect(response.operation).to.match(/^Deliver(yReport)?Rsp$/);
			expect(exchange.error).to.include({ code: 'ERR_MM7_SEVERAL_REPORTS', detail: response.details });
			expect(exchange.report).to.equal(undefined);
			expect(String(exchange.body)).to.equal(xml);
			const error = await parseDeliveryReport(xml).catch((reason: unknown) => reason);
			expect(error).to.have.property('code', 'ERR_MM7_SEVERAL_REPORTS');
		});
	}

	it('is not passed to the next middleware either', async () => {
		const receiver = app(() => undefined, { otherOperations: 'next' });
		const { text } = await request(receiver)
			.post('/mm7')
			.type('xml')
			.send(withOperations('<DeliverReq/>', OPERATION))
			.expect(200);
		expect(readResponse(text)).to.include({ operation: 'DeliverRsp', statusCode: 4004 });
	});
});

describe('a request with one report', () => {
	for (const [name, xml] of Object.entries(ONE_REPORT)) {
		it(`is accepted: ${name}`, async () => {
			const { status, reports, response } = await outcomeOf(xml);
			expect(status).to.equal(200);
			expect(response).to.include({ transactionId: '20260001', statusCode: 1000 });
			expect(reports).to.deep.equal(['12015550123']);
		});
	}
});

describe('a request with several TransactionIDs', () => {
	const withIds = (...ids: string[]) =>
		XML.replace(/<TransactionID .*<\/TransactionID>/, ids.map((id) => `<TransactionID ${id}</TransactionID>`).join(''));

	for (const [name, xml] of Object.entries({
		'of one release': withIds('>1', '>2'),
		'of two releases': withIds('>1', `xmlns="${NAMESPACE}x">2`),
		'of no namespace': withIds('xmlns="">1', 'xmlns="">2'),
		'in two Headers': withIds('>1').replace(
			'</env:Header>',
			'</env:Header><env:Header><TransactionID>2</TransactionID></env:Header>',
		),
	})) {
		it(`is rejected, and the response repeats none of them: ${name}`, async () => {
			const { status, reports, response, exchange } = await outcomeOf(xml);
			expect(status).to.equal(500);
			expect(reports).to.deep.equal([]);
			expect(response).to.include({ faultCode: 'Client.TransactionID', transactionId: undefined });
			expect(exchange.error).to.include({ code: 'ERR_MM7_TRANSACTION_ID', transactionId: undefined });
		});
	}

	it('is accepted if they agree, or all but one are empty', async () => {
		for (const xml of [withIds('>1', '> 1 '), withIds('>', '>1')]) {
			expect((await outcomeOf(xml)).response).to.include({ transactionId: '1', statusCode: 1000 });
		}
	});
});
