import { expect } from 'chai';
import { encode } from 'iconv-lite';
import { parseDeliveryReport, parseReadReply, parseRequest } from '../lib/index.js';
import { readReplyRequest } from '../lib/provider/testing/index.js';
import { multipart, reportXml } from './support/report.js';

const CHINESE = '用户拒收';

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
	try {
		await promise;
		return undefined;
	} catch (error) {
		return (error as { code?: string }).code ?? (error as Error).name;
	}
}

describe('parseDeliveryReport', () => {
	it('accepts a Buffer, any Uint8Array or a string', async () => {
		const xml = reportXml({ elements: { StatusText: CHINESE } });
		const bytes = new TextEncoder().encode(`##${xml}`);
		for (const body of [Buffer.from(xml), bytes.subarray(2), xml]) {
			expect(await parseDeliveryReport(body)).to.include({ transactionId: '20260001', statusText: CHINESE });
		}
	});

	it('treats a string as decoded, whatever charset it declares', async () => {
		for (const charset of ['GB2312', 'windows-1251', 'iso-8859-1', 'utf-16']) {
			const xml = reportXml({ elements: { StatusText: `Gerät ${CHINESE}` } }).replace('UTF-8', charset);
			const headers = { 'content-type': `text/xml; charset=${charset}` };
			expect((await parseDeliveryReport(xml, headers)).statusText, charset).to.equal(`Gerät ${CHINESE}`);
			const { body, headers: mime } = multipart(xml);
			expect((await parseDeliveryReport(body.toString(), mime)).statusText, charset).to.equal(`Gerät ${CHINESE}`);
		}
	});

	it('accepts the headers of fetch or Node.js, a Map, entries or any object, with names in any case', async () => {
		const { body, headers } = multipart(reportXml());
		const all = { ...headers, 'X-Mblox-Operator-ID': '0001890', UAProf: 'handset' };
		for (const given of [new Headers(all), new Map(Object.entries(all)), all, Object.entries(all)]) {
			const report = await parseDeliveryReport(body, given as Headers);
			expect(report).to.include({ transactionId: '20260001', operatorId: '0001890' });
			expect(report.uaCapabilities).to.deep.equal({ uaProf: 'handset' });
		}
		const lists = { 'CONTENT-TYPE': [String(headers['Content-Type'])], 'x-mblox-operator-id': ['1', '2'] };
		expect((await parseDeliveryReport(body, lists)).operatorId).to.equal('1');
	});

	it('accepts the arrival time of a stored request, for reports and read replies', async () => {
		const receivedAt = new Date('2026-03-16T12:00:00Z');
		expect(await parseDeliveryReport(reportXml(), {}, { receivedAt })).to.include({ receivedAt });
		const readReply = readReplyRequest().body;
		expect(await parseReadReply(readReply, {}, { receivedAt, limits: { depth: 100 } })).to.include({ receivedAt });
		for (const wrong of ['2026-03-16', new Date('yesterday')]) {
			const parsing = parseDeliveryReport(reportXml(), {}, { receivedAt: wrong as Date });
			const error = await parsing.catch((reason: unknown) => reason);
			expect(error)
				.to.be.instanceOf(TypeError)
				.with.property('message')
				.that.includes('receivedAt must be a valid Date');
		}
	});

	describe('ignores bytes outside the root element that contain no <:', () => {
		const mark = '\ufeff';
		const twice = Buffer.from(Buffer.from(mark).toString('latin1')).toString();
		for (const [name, before, after] of [
			['two byte order marks', mark + mark, ''],
			['a byte order mark encoded twice', twice, ''],
			['a byte order mark encoded three times', Buffer.from(Buffer.from(twice).toString('latin1')).toString(), ''],
			['? where a byte order mark was', '?', '\r\n'],
			['??? where a byte order mark was', '\r\n???', ''],
			['U+FFFD where a byte order mark was', '\ufffd', '\ufffd'],
			['an invisible space', '\u200b', '\u200b'],
			['the end-of-file character of DOS', '', '\r\n\x1a'],
			['NUL and blanks', ' \0', '\0\0 \r\n'],
			['a word', '', '\nEOF\n'],
			['the rest of a buffer', '', '\0elope>\n'],
			['what closes a string, CDATA or a comment', '', '">]]>-->?>'],
			['a word after a comment', '', '<!-- </a> -->\nEOF'],
		] as const) {
			it(name, async () => {
				const expected = { transactionId: '20260001', messageId: '480000000000000001', statusText: 'Success' };
				const xml = before + reportXml() + after;
				for (const body of [xml, Buffer.from(xml), Buffer.from(xml, 'utf16le'), multipart(xml).body]) {
					expect(await parseDeliveryReport(body)).to.include(expected);
				}
			});
		}

		it('but rejects text with a <', async () => {
			for (const [before, after] of [
				['a < b', ''],
				['', '<'],
				['', '\n<a>'],
				['', '</env:Envelope>'],
				['', ' a < b >'],
				['', '<!-- '],
			]) {
				expect(await codeOf(parseDeliveryReport(`${before}${reportXml()}${after}`)), after).to.equal('ERR_MM7_XML');
			}
		});
	});

	it('replaces control characters in every field with U+FFFD', async () => {
		const elements = {
			MessageID: '1\x1b[2J',
			Recipient: '<Number id="\x01">+12015550123\x07</Number>',
			StatusText: 'a\x1b]0;b\x07&#1;\0',
			'Vendor x="\x02"': '\x08\ufffe',
			UACapabilities: '',
		};
		const xml = reportXml({ transactionId: '\x0b1', namespace: 'urn:\x0c', elements })
			.replaceAll('</Vendor x="\x02">', '</Vendor>')
			.replace('<UACapabilities>', '<UACapabilities UAProf="\x1f" TimeStamp="&#x1F;">');
		const report = await parseDeliveryReport(Buffer.from(xml));
		const shown = JSON.stringify({ ...report, extensions: { ...report.extensions } });
		expect(shown.match(/\\u00[01]|\\[bf]/g)).to.equal(null);
		expect(report).to.deep.include({ transactionId: '\ufffd1', messageId: '1\ufffd[2J', namespace: 'urn:\ufffd' });
		expect(report.statusText).to.equal('a\ufffd]0;b\ufffd\ufffd\ufffd');
		expect(report.uaCapabilities).to.deep.equal({ uaProf: '\ufffd', timeStamp: '\ufffd' });
	});

	it('needs no headers', async () => {
		expect((await parseDeliveryReport(multipart(reportXml()).body)).transactionId).to.equal('20260001');
	});

	it('decodes the body using the charset in the request header', async () => {
		const xml = reportXml({ elements: { StatusText: CHINESE } }).replace(' encoding="UTF-8"', '');
		const headers = { 'Content-Type': 'text/xml; charset=GBK' };
		expect((await parseDeliveryReport(encode(xml, 'gbk'), headers)).statusText).to.equal(CHINESE);
	});

	const { body, headers } = multipart(reportXml());
	for (const [code, about, request, limits] of [
		['ERR_MM7_SOAP_TOO_LARGE', 'a SOAP part over limits.soap', body, { soap: 100 }],
		['ERR_MM7_TOO_MANY_PARTS', 'more parts than limits.parts', body, { parts: 1 }],
		['ERR_MM7_TOO_MANY_ELEMENTS', 'more elements than limits.elements', body, { elements: 3 }],
		['TypeError', 'an invalid limit', body, { depth: 0 }],
		['ERR_MM7_SEVERAL_REPORTS', 'two reports', body.toString().replace('no picture', `\r\n${reportXml()}`), {}],
		['ERR_MM7_BODY_EMPTY', 'an empty body', '', {}],
		['ERR_MM7_MIME', 'neither XML nor MIME', 'hello', {}],
		['ERR_MM7_XML', 'incomplete XML', '<a>', {}],
		['ERR_MM7_OPERATION', 'another operation', reportXml({ operation: 'DeliverReq' }), {}],
		['ERR_MM7_TRANSACTION_ID', 'a report without TransactionID', reportXml({ transactionId: undefined }), {}],
	] as const) {
		it(`rejects ${about} with ${code}`, async () => {
			expect(await codeOf(parseDeliveryReport(request, headers, { limits }))).to.equal(code);
		});
	}
});

describe('parseRequest', () => {
	const receivedAt = new Date('2026-03-16T12:00:00Z');

	it('reads a report or a read reply, with the SOAP part as text', async () => {
		const { body, headers } = multipart(reportXml());
		const delivery = await parseRequest(body, headers, { receivedAt });
		expect(delivery.report).to.deep.equal(await parseDeliveryReport(body, headers, { receivedAt }));
		expect(delivery.envelope).to.include({ operation: 'DeliveryReportReq', xml: reportXml() });
		expect(delivery.readReply).to.equal(undefined);
		const reply = readReplyRequest();
		const read = await parseRequest(reply.body, reply.headers, { receivedAt });
		expect(read.readReply).to.deep.equal(await parseReadReply(reply.body, reply.headers, { receivedAt }));
		expect(read.report).to.equal(undefined);
	});

	it('reads only the envelope of another operation', async () => {
		const { envelope, ...others } = await parseRequest(reportXml().replaceAll('DeliveryReportReq', 'DeliverReq'));
		expect(envelope.operation).to.equal('DeliverReq');
		expect(others).to.deep.equal({ report: undefined, readReply: undefined });
	});

	it('rejects with the same errors', async () => {
		expect(await codeOf(parseRequest('<'))).to.equal('ERR_MM7_XML');
		expect(await codeOf(parseRequest(reportXml().replace(/<(\w+:)?MessageID>.*<\/(\w+:)?MessageID>/, '')))).to.equal(
			'ERR_MM7_ELEMENT_MISSING',
		);
	});
});
