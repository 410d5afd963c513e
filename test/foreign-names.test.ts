import { expect } from 'chai';
import request from 'supertest';
import type { DeliveryReport, ReadReply } from '../lib/index.js';
import { readResponse } from './support/response.js';
import { app } from './support/server.js';

const MM7 = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';
const OLDER = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0';
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';

const REPORT =
	'<DeliveryReportReq><MM7Version>6.8.0</MM7Version><MMSRelayServerID>relay</MMSRelayServerID>' +
	'<MessageID>m1</MessageID><Recipient><To><Number displayOnly="false" id="r">12015550123</Number></To></Recipient>' +
	'<Sender><ShortCode>54321</ShortCode></Sender><Date>2026-03-16T14:03:51Z</Date><MMStatus>Rejected</MMStatus>' +
	'<MMStatusExtension>RejectionByMMSRecipient</MMStatusExtension><StatusText>no</StatusText><ApplicID>a</ApplicID>' +
	'<ReplyApplicID>b</ReplyApplicID><AuxApplicInfo>c</AuxApplicInfo>' +
	'<UACapabilities UAProf="p" TimeStamp="P1D"/></DeliveryReportReq>';
const WITH_STATUS =
	'<DeliveryReportReq><MessageID>m1</MessageID><Recipient><Number>12015550123</Number></Recipient>' +
	'<TimeStamp>20260316140351</TimeStamp><Status><StatusCode>1000</StatusCode><StatusText>fine</StatusText></Status>' +
	'<UACapabilities><UAProf>p</UAProf><TimeStamp>P1D</TimeStamp></UACapabilities></DeliveryReportReq>';
const READ_REPLY =
	'<ReadReplyReq><MessageID>m1</MessageID><Recipient><Number>12015550123</Number></Recipient>' +
	'<TimeStamp>2026-03-16T14:03:51Z</TimeStamp><MMStatus>Read</MMStatus></ReadReplyReq>';

/** The namespaces that senders use; with SOAP encoding, the children of the operation are in none. */
const ENVELOPES: Readonly<Record<string, (operation: string) => string>> = {
	'the namespace of MM7': (operation) => envelope(`xmlns="${MM7}"`, '<TransactionID', operation),
	'two releases of MM7': (operation) => envelope(`xmlns="${MM7}"`, `<TransactionID xmlns="${OLDER}"`, operation),
	'no namespace': (operation) => envelope('', '<TransactionID', operation),
	'no namespace in the operation': (operation) =>
		envelope('', `<TransactionID xmlns="${MM7}"`, operation.replace(/^<(\w+)/, `<m:$1 xmlns:m="${MM7}"`)).replace(
			/<\/(\w+Req)>/,
			'</m:$1>',
		),
};

function envelope(namespace: string, transaction: string, operation: string): string {
	return (
		`<e:Envelope xmlns:e="${SOAP}" ${namespace}><e:Header>${transaction} e:mustUnderstand="1">t1</TransactionID>` +
		`</e:Header><e:Body>${operation}</e:Body></e:Envelope>`
	);
}

/** A tracking element that an integration bus adds, with the local name of an element of MM7. */
function foreign(name: string, content: string): string {
	return `<trk:${name} xmlns:trk="urn:example:tracking">${content}</trk:${name}>`;
}

/** Documents with a foreign element before or after one element other than the root. */
function* withForeignElements(xml: string): Generator<string> {
	for (const { 0: tag, 1: prefix = '', 2: name = '', index } of xml.matchAll(/<(\w+:)?(\w+)[^<>]*>/g)) {
		if (name === 'Envelope') continue;
		const closing = `</${prefix}${name}>`;
		const end = tag.endsWith('/>') ? index + tag.length : xml.indexOf(closing, index) + closing.length;
		for (const content of ['', 'decoy', '<Number>1</Number>', '<TransactionID>decoy</TransactionID>']) {
			const decoy = foreign(name, content);
			yield xml.slice(0, index) + decoy + xml.slice(index);
			yield xml.slice(0, end) + decoy + xml.slice(end);
		}
	}
}

/** Documents with a foreign attribute before one attribute. */
function* withForeignAttributes(xml: string): Generator<string> {
	for (const { 0: attribute, 1: name, index } of xml.matchAll(/ (?:\w+:)?(\w+)="[^"]*"/g)) {
		if (attribute.startsWith(' xmlns')) continue;
		for (const value of ['', 'decoy', '0']) {
			const decoy = ` xmlns:trk="urn:example:tracking" trk:${name}="${value}"`;
			yield xml.slice(0, index) + decoy + xml.slice(index);
		}
	}
}

describe('an element or attribute with a local name of MM7 in a foreign namespace', () => {
	let report: DeliveryReport | ReadReply | undefined;
	const handler = (given: DeliveryReport | ReadReply) => {
		report = given;
	};
	const receiver = app(handler, { readReplies: handler });

	/** The report and the response, without the fields that may differ. */
	async function outcomeOf(xml: string) {
		report = undefined;
		const { status, text } = await request(receiver).post('/mm7').type('xml').send(xml);
		const { receivedAt, extensions, ...fields } = { ...(report as DeliveryReport | undefined) };
		return { status, response: readResponse(text), fields };
	}

	for (const [names, makeEnvelope] of Object.entries(ENVELOPES)) {
		for (const [kind, operation] of Object.entries({ REPORT, WITH_STATUS, READ_REPLY })) {
			it(`changes neither report nor response: ${kind} in ${names}`, async () => {
				const xml = makeEnvelope(operation);
				const expected = await outcomeOf(xml);
				expect(expected).to.include({ status: 200 });
				expect(expected.fields).to.include({ transactionId: 't1', messageId: 'm1' });
				let count = 0;
				for (const changed of [...withForeignElements(xml), ...withForeignAttributes(xml)]) {
					expect(await outcomeOf(changed), changed).to.deep.equal(expected);
					count++;
				}
				expect(count).to.be.above(50);
			}).timeout(60_000);
		}
	}
});
