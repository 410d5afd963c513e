import { expect } from 'chai';
import type { HeaderFields } from '../../lib/mime/header-value.js';
import type { DeliveryReport } from '../../lib/mm7/messages.js';
import { readEnvelope } from '../../lib/steps/read-envelope.js';
import { readReport } from '../../lib/steps/read-report.js';

const OPTIONS = { elements: 100, depth: 12, attributes: 8 };
const NOW = new Date('2026-03-16T14:04:00Z');
const ID = '<MessageID>m1</MessageID>';
const RECIPIENT = '<Recipient><Number>12015550123</Number></Recipient>';
const STATUS = '<MMStatus>Retrieved</MMStatus>';

function report(content: string, headers: HeaderFields = {}): DeliveryReport {
	const xml =
		'<Envelope><Header><TransactionID>t1</TransactionID></Header>' +
		`<Body><DeliveryReportReq>${content}</DeliveryReportReq></Body></Envelope>`;
	return readReport(readEnvelope(xml, OPTIONS), headers, NOW);
}

/** A report with the mandatory elements and more. */
function withMore(content: string, headers?: HeaderFields): DeliveryReport {
	return report(ID + RECIPIENT + STATUS + content, headers);
}

function errorOf(run: () => unknown): { code?: string; detail?: string } {
	try {
		run();
	} catch (error) {
		return error as { code?: string };
	}
	throw new Error('nothing was thrown');
}

describe('readReport', () => {
	it('reads every element of the schema', () => {
		const read = report(
			'<MM7Version>6.8.0</MM7Version><MMSRelayServerID>relay</MMSRelayServerID><MessageID>0012</MessageID>' +
				'<Recipient><Number>12015550123</Number></Recipient><Sender><ShortCode>007</ShortCode></Sender>' +
				'<Date>2026-03-16T14:03:51.749Z</Date><MMStatus>Rejected</MMStatus>' +
				'<MMStatusExtension>RejectionByMMSRecipient</MMStatusExtension><StatusText>no</StatusText>' +
				'<ApplicID>a</ApplicID><ReplyApplicID>b</ReplyApplicID><AuxApplicInfo>c</AuxApplicInfo>' +
				'<UACapabilities UAProf="p" TimeStamp="2026-03-16T14:00:00Z"/>',
		);
		expect({ ...read, extensions: { ...read.extensions } }).to.deep.equal({
			transactionId: 't1',
			namespace: undefined,
			mm7Version: '6.8.0',
			mmsRelayServerId: 'relay',
			messageId: '0012',
			recipient: { kind: 'Number', address: '12015550123', number: '12015550123' },
			sender: { kind: 'ShortCode', address: '007', number: '007' },
			date: new Date('2026-03-16T14:03:51.749Z'),
			dateText: '2026-03-16T14:03:51.749Z',
			mmStatus: 'Rejected',
			state: 'failed',
			final: true,
			mmStatusExtension: 'RejectionByMMSRecipient',
			statusText: 'no',
			applicId: 'a',
			replyApplicId: 'b',
			auxApplicInfo: 'c',
			uaCapabilities: { uaProf: 'p', timeStamp: '2026-03-16T14:00:00Z' },
			operatorId: undefined,
			extensions: {},
			receivedAt: NOW,
		});
	});

	it('returns all fields, undefined if the element is absent, empty or blank', () => {
		const empty = '<Sender/><Date> </Date><StatusText/><MMSRelayServerID/><UACapabilities/><ApplicID></ApplicID>';
		for (const read of [withMore(''), withMore(empty)]) {
			const missing = Object.entries(read).filter(([, value]) => value === undefined);
			expect(missing.map(([name]) => name).join(' ')).to.equal(
				'namespace mm7Version mmsRelayServerId sender date dateText statusText applicId replyApplicId auxApplicInfo ' +
					'operatorId mmStatusExtension uaCapabilities',
			);
			expect({ ...read.extensions }).to.deep.equal({});
		}
	});

	it('reads elements in any order, with any prefix, in any case', () => {
		const read = report(`<x:mmstatus>Expired</x:mmstatus><SENDER>1</SENDER>${RECIPIENT}<y:MessageId>m1</y:MessageId>`);
		expect(read).to.include({ messageId: 'm1', mmStatus: 'Expired', state: 'failed' });
		expect(read.sender?.address).to.equal('1');
		expect({ ...read.extensions }).to.deep.equal({});
	});

	it('reads the first of several elements that are not empty', () => {
		const read = withMore('<MessageID/><Date/><Date>2026-01-01</Date><Date>2027-01-01</Date>');
		expect(read).to.include({ messageId: 'm1', dateText: '2026-01-01' });
		expect({ ...read.extensions }).to.deep.equal({});
	});

	it('ignores elements of the same names that are nested deeper', () => {
		const decoy =
			'<Extension><MessageID>decoy</MessageID><MMStatus>Expired</MMStatus><StatusText>decoy</StatusText>' +
			'<Date>2020-01-01</Date><Recipient><Number>1</Number></Recipient><MM7Version>0</MM7Version></Extension>';
		const read = report(decoy + ID + RECIPIENT + STATUS);
		expect(read).to.include({
			messageId: 'm1',
			mmStatus: 'Retrieved',
			statusText: undefined,
			dateText: undefined,
			mm7Version: undefined,
		});
		expect(read.recipient.address).to.equal('12015550123');
		expect(errorOf(() => report(decoy)).detail).to.equal('MessageID is missing');
	});

	it('reads Recipients as Recipient', () => {
		for (const content of ['<To><Number>1</Number></To>', '1']) {
			expect(report(`${ID}<Recipients>${content}</Recipients>${STATUS}`).recipient).to.include({ number: '1' });
		}
	});

	it('reads TimeStamp as the Date if Date is absent or empty, otherwise as an extension', () => {
		expect(withMore('<TimeStamp>20260316140351</TimeStamp>').date?.toISOString()).to.equal('2026-03-16T14:03:51.000Z');
		expect(withMore('<Date/><TimeStamp>20260316140351</TimeStamp>').dateText).to.equal('20260316140351');
		const both = withMore('<Date>2026-03-16</Date><TimeStamp>later</TimeStamp>');
		expect(both.dateText).to.equal('2026-03-16');
		expect({ ...both.extensions }).to.deep.equal({ TimeStamp: 'later' });
	});

	it('keeps the text of an unreadable date', () => {
		expect(withMore('<Date>03-04-2026 10:00:00</Date>')).to.include({
			dateText: '03-04-2026 10:00:00',
			date: undefined,
		});
	});

	it('reads the StatusCode and StatusText of a Status as MMStatus', () => {
		const status = '<Status><StatusCode>1000</StatusCode><StatusText>fine</StatusText><Details>d</Details></Status>';
		const read = report(ID + RECIPIENT + status);
		expect(read).to.include({ mmStatus: '1000', state: 'unknown', final: false, statusText: 'fine' });
		expect({ ...read.extensions }).to.deep.equal({ Details: 'd' });
	});

	it('reads a StatusCode without a Status as MMStatus', () => {
		const read = report(`${ID}${RECIPIENT}<StatusCode>1000</StatusCode><StatusText>fine</StatusText>`);
		expect(read).to.include({ mmStatus: '1000', state: 'unknown', final: false, statusText: 'fine' });
		expect({ ...read.extensions }).to.deep.equal({});
		const beside = report(`${ID}${RECIPIENT}<Status><Details>d</Details></Status><StatusCode>1000</StatusCode>`);
		expect(beside.mmStatus).to.equal('1000');
		expect({ ...withMore('<StatusCode>1000</StatusCode>').extensions }).to.deep.equal({ StatusCode: '1000' });
	});

	it('keeps a Status next to MMStatus and StatusText as extensions', () => {
		const read = withMore(
			'<StatusText>outer</StatusText><Status><StatusCode>2004</StatusCode><StatusText>inner</StatusText></Status>',
		);
		expect(read).to.include({ mmStatus: 'Retrieved', statusText: 'outer' });
		expect({ ...read.extensions }).to.deep.equal({ StatusCode: '2004', StatusText: 'inner' });
	});

	it('keeps everything else as extensions: text by local name, key and value pairs, all text of Details', () => {
		const read = withMore(
			'<MMSStatusErrorCode>4446</MMSStatusErrorCode><x:CalledNet>2</x:CalledNet><Empty/>' +
				'<Extension><MessageExtraData><element><key>LinkedID</key><value>l</value></element>' +
				'<element><key>Bearer</key></element></MessageExtraData><Vendor>v<Inner>i</Inner></Vendor></Extension>' +
				'<Details>one<a>two</a><b>three</b></Details>',
		);
		expect({ ...read.extensions }).to.deep.equal({
			MMSStatusErrorCode: '4446',
			CalledNet: '2',
			Empty: '',
			LinkedID: 'l',
			Bearer: '',
			Vendor: 'v',
			Inner: 'i',
			Details: 'one two three',
			a: 'two',
			b: 'three',
		});
		const nested = withMore('<Details><a>two</a><b>three</b></Details>');
		expect(nested.extensions['Details']).to.equal('two three');
	});

	it('reads extensions that PHP writes as a map or a list of maps', () => {
		const item = (key: string, value: string) => `<item><key>${key}</key><value>${value}</value></item>`;
		const pair = (key: string, value: string) => `<item>${item('key', key)}${item('value', value)}</item>`;
		for (const content of [
			`<Extension>${item('MessageExtraData', item('LinkedID', 'l') + item('Bearer', 'b'))}</Extension>`,
			item('Extension', item('MessageExtraData', item('element', pair('LinkedID', 'l') + pair('Bearer', 'b')))),
		]) {
			expect({ ...withMore(content).extensions }).to.deep.equal({ LinkedID: 'l', Bearer: 'b' });
		}
	});

	it('keeps the first extension of each name, even one named like an Object property', () => {
		const { extensions } = withMore('<__proto__>a</__proto__><constructor>b</constructor><constructor>c</constructor>');
		expect(Object.getPrototypeOf(extensions)).to.equal(null);
		expect(Object.entries(extensions)).to.deep.equal([
			['__proto__', 'a'],
			['constructor', 'b'],
		]);
	});

	for (const [name, content, uaprof, expected] of [
		['attributes of UACapabilities before the header', '<UACapabilities UAProf="a"/>', 'b', { uaProf: 'a' }],
		['child elements of UACapabilities', '<UACapabilities><UAProf>a</UAProf></UACapabilities>', 'b', { uaProf: 'a' }],
		['TimeStamp and the header', '<UACapabilities TimeStamp="P1D"/>', 'b', { uaProf: 'b', timeStamp: 'P1D' }],
		['TimeStamp alone', '<UACapabilities><TimeStamp>P1D</TimeStamp></UACapabilities>', '', { timeStamp: 'P1D' }],
		['the header alone', '', ' b ', { uaProf: 'b' }],
	] as const) {
		it(`reads the handset from ${name}`, () => {
			const { uaCapabilities, extensions } = withMore(content, { uaprof });
			expect(uaCapabilities).to.deep.equal(expected);
			expect({ ...extensions }).to.deep.equal({});
		});
	}

	it("reads the operator from each provider's header", () => {
		for (const provider of ['mblox', 'skycore', 'openmarket']) {
			for (const name of [`x-${provider}-operator-id`, `x-${provider}-carrier-id`]) {
				expect(withMore('', { [name]: '0001890' }).operatorId, name).to.equal('0001890');
			}
		}
		expect(withMore('', { 'x-mblox-operator-id': ['1', '2'] }).operatorId).to.equal('1');
		expect(withMore('', { 'x-mblox-operator-id': ' ', 'x-mblox-carrier-id': '3' }).operatorId).to.equal('3');
	});

	for (const [name, content] of [
		['MessageID', RECIPIENT + STATUS],
		['Recipient', ID + STATUS],
		['Recipient', `${ID}<Recipient><Number/></Recipient>${STATUS}`],
		['MMStatus', ID + RECIPIENT],
	] as const) {
		it(`rejects ${content} without ${name}`, () => {
			expect(errorOf(() => report(content)).detail).to.equal(`${name} is missing`);
		});
	}

	it('rejects a report without a TransactionID, and other operations', () => {
		const without = `<Envelope><Body><DeliveryReportReq>${ID}${RECIPIENT}${STATUS}</DeliveryReportReq></Body></Envelope>`;
		for (const [xml, code] of [
			[without, 'ERR_MM7_TRANSACTION_ID'],
			[without.replaceAll('DeliveryReportReq', 'ReadReplyReq'), 'ERR_MM7_OPERATION'],
		] as const) {
			expect(errorOf(() => readReport(readEnvelope(xml, OPTIONS), {}, NOW)).code).to.equal(code);
		}
	});
});
