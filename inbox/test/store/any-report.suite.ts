import { expect } from 'chai';
import fc from 'fast-check';
import { type DeliveryReport, parseDeliveryReport } from 'mm7-delivery-reports';
import type { Database } from '../../lib/store/database.js';
import { storableText } from '../../lib/store/storable.js';
import { sendReport } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { clear, START_TIMEOUT_MS } from '../support/temporary-database.js';

/** Characters that trip up databases, JSON or indexes, as markup: raw, or as references if XML forbids them. */
const PIECES = [
	...['a', ' ', '\u00e9', '\ufffd', '\ufeff', '\ufdd0', '\u{1f600}', '\u{10ffff}', '\u202e', '\u0130', '\u00df'],
	...['\0', '\u0001', '\u001f', '\u007f', '\u0085', '\u2028', '\ud800', '\udc00', '\ufffe', '\uffff'],
	...['&#0;', '&#1;', '&#xD800;', '&#xDC00;', '&#xD83D;&#xDE00;', '&#xFFFE;', '&#x10FFFF;', '&#x110000;', '&#10;'],
	...['\\', '\\u0000', '\\ud800', '\\x00', "'", '"', '%', '$1', '{', '}', ';', '--', '__proto__', '&amp;', '&lt;'],
];
const shortText = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((pieces) => pieces.join(''));
const longText = fc
	.tuple(fc.constantFrom(...PIECES), fc.constantFrom(100, 199, 3000, 20_000))
	.map(([piece, length]) => piece.repeat(Math.min(length, piece.startsWith('&') ? 150 : length)));
const anyText = fc.oneof({ weight: 5, arbitrary: shortText }, { weight: 1, arbitrary: longText });
/** Text for required fields: never empty. */
const anyId = anyText.map((text) => `1${text}`);

const anyDate = fc.constantFrom(
	...['2026-03-16T14:03:51.749Z', '9999-12-31T23:59:59.9999999-05:00', '9999-12-31T23:59:59.9999999Z', '10000-01-01'],
	...['0001-01-01T00:00:00', '0000-00-00T00:00:00Z', '0100-01-01T00:00:00+14:00', '-4713-01-01T00:00:00Z'],
	...['Fri, 31 Dec 9999 23:59:59 -1200', 'Mon Mar 16 14:03:51 GMT 2026', '275760-09-13', 'infinity', 'now', 'NaN'],
	...['2026-03-16T24:00:00Z', '2016-12-31T23:59:60Z', '2026-02-30', '1773669831749', '', 'epoch'],
);

/** UTF-16 passes lone surrogates to the decoder unchanged. */
const ENCODINGS = {
	'text/xml; charset=utf-8': (xml: string) => Buffer.from(xml),
	'text/xml; charset=utf-16': (xml: string) => Buffer.from(`\ufeff${xml}`, 'utf16le'),
	'text/xml': (xml: string) => Buffer.from(xml),
} as const;

const anyReport = fc.record({
	...{ transactionId: anyId, messageId: anyId, number: anyId, mmStatus: anyId, sender: anyText },
	...{ relay: anyText, extension: anyText, statusText: anyText, applic: anyText, replyApplic: anyText, aux: anyText },
	...{ attribute: anyText.map((text) => text.replaceAll('"', "'")), date: anyDate, key: anyText, value: anyText },
	version: anyText,
	kind: fc.constantFrom('Number', 'RFC2822Address', 'ShortCode', 'Other'),
	contentType: fc.constantFrom(...(Object.keys(ENCODINGS) as (keyof typeof ENCODINGS)[])),
	header: fc
		.string({ unit: 'binary', maxLength: 300 })
		.map((text) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim()),
});
type AnyReport = typeof anyReport extends fc.Arbitrary<infer T> ? T : never;

function xmlOf(report: AnyReport): string {
	const { attribute, kind } = report;
	return (
		`<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header><TransactionID>${report.transactionId}` +
		`</TransactionID></e:Header><e:Body><DeliveryReportReq xmlns="urn:${attribute}"><MM7Version>${report.version}` +
		`</MM7Version><MMSRelayServerID>${report.relay}</MMSRelayServerID><MessageID>${report.messageId}</MessageID>` +
		`<Recipient><${kind} id="${attribute}" addressCoding="${attribute}">${report.number}</${kind}></Recipient>` +
		`<Sender><${kind} displayOnly="${attribute}">${report.sender}</${kind}></Sender><Date>${report.date}</Date>` +
		`<MMStatus>${report.mmStatus}</MMStatus><MMStatusExtension>${report.extension}</MMStatusExtension>` +
		`<StatusText>${report.statusText}</StatusText><ApplicID>${report.applic}</ApplicID>` +
		`<ReplyApplicID>${report.replyApplic}</ReplyApplicID><AuxApplicInfo>${report.aux}</AuxApplicInfo>` +
		`<UACapabilities UAProf="${attribute}" TimeStamp="${attribute}"/><Vendor>${report.value}</Vendor>` +
		`<Extension><element><key>${report.key}</key><value>${report.value}</value></element></Extension>` +
		'</DeliveryReportReq></e:Body></e:Envelope>'
	);
}

/** The expected texts by column. */
function textsOf(report: DeliveryReport): Record<string, string | null> {
	const texts = {
		transaction_id: report.transactionId,
		message_id: report.messageId,
		date_text: report.dateText,
		mm_status: report.mmStatus,
		mm_status_extension: report.mmStatusExtension,
		status_text: report.statusText,
		applic_id: report.applicId,
		reply_applic_id: report.replyApplicId,
		aux_applic_info: report.auxApplicInfo,
		operator_id: report.operatorId,
		namespace: report.namespace,
		mm7_version: report.mm7Version,
		mms_relay_server_id: report.mmsRelayServerId,
	};
	return Object.fromEntries(
		Object.entries(texts).map(([name, text]) => [name, text === undefined ? null : storableText(text)]),
	);
}

/** Stores arbitrary reports; tested on every database. */
export function describeAnyReport(open: () => Promise<Database>): void {
	let database: Database;
	let inbox: ServedInbox;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await open();
		inbox = await serveInbox(database);
	});
	after(async () => {
		await inbox?.close();
		await database?.close();
	});

	it('is stored completely if it can be parsed, regardless of what its fields contain', async function () {
		this.timeout(120_000);
		const property = fc.asyncProperty(anyReport, async (sent) => {
			await clear(database);
			const body = ENCODINGS[sent.contentType](xmlOf(sent));
			const headers = { 'Content-Type': sent.contentType, 'X-Mblox-Operator-Id': sent.header };
			const expected = await parseDeliveryReport(body, headers).catch((error: { statusCode?: number }) => error);
			const refusal = 'messageId' in expected ? 1000 : expected.statusCode;
			// the second time as a provider's retry
			for (let n = 0; n < 2; n++) {
				expect((await sendReport(inbox.url, body, headers)).statusCode).to.equal(refusal);
			}
			const rows = await database.query<Record<string, unknown>>('SELECT * FROM reports');
			expect(rows).to.have.lengthOf(refusal === 1000 ? 1 : 0);
			const [row] = rows;
			if (!row || !('messageId' in expected)) return;
			const report = expected as DeliveryReport;
			expect(row).to.deep.include(textsOf(report));
			expect(row['date'] === null ? undefined : new Date(row['date'] as string)).to.deep.equal(report.date);
			expect(await database.query('SELECT state FROM messages')).to.have.lengthOf(1);
		});
		await fc.assert(property, { numRuns: 100 });
	});
}
