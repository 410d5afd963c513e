import { expect } from 'chai';
import fc from 'fast-check';
import { encode } from 'iconv-lite';
import { type DeliveryReport, parseDeliveryReport, parseReadReply } from '../lib/index.js';
import { readReplyRequest } from '../lib/provider/testing/index.js';
import { escapeXml } from '../lib/xml/escape.js';
import { multipart, NAMESPACE, reportXml } from './support/report.js';

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
	it('reads a Buffer, any Uint8Array and a text', async () => {
		const xml = reportXml({ elements: { StatusText: CHINESE } });
		const bytes = new TextEncoder().encode(`##${xml}`);
		for (const body of [Buffer.from(xml), bytes.subarray(2), xml]) {
			expect(await parseDeliveryReport(body)).to.include({ transactionId: '20260001', statusText: CHINESE });
		}
	});

	it('takes a text as decoded, whatever charset it declares', async () => {
		for (const charset of ['GB2312', 'windows-1251', 'iso-8859-1', 'utf-16']) {
			const xml = reportXml({ elements: { StatusText: `Gerät ${CHINESE}` } }).replace('UTF-8', charset);
			const headers = { 'content-type': `text/xml; charset=${charset}` };
			expect((await parseDeliveryReport(xml, headers)).statusText, charset).to.equal(`Gerät ${CHINESE}`);
			const { body, headers: mime } = multipart(xml);
			expect((await parseDeliveryReport(body.toString(), mime)).statusText, charset).to.equal(`Gerät ${CHINESE}`);
		}
	});

	it('takes the headers of fetch, of Node.js, of a Map, or any object, with names in any case', async () => {
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

	it('takes the time of arrival of a stored request, for reports and read replies', async () => {
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

		it('but refuses text with a <', async () => {
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

	it('puts U+FFFD for control characters in every field', async () => {
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

	it('refuses a report in another part', async () => {
		const { headers, body } = multipart(reportXml());
		const two = body.toString().replace('image/png\r\n\r\nno picture', `text/xml\r\n\r\n${reportXml()}`);
		expect(await codeOf(parseDeliveryReport(two, headers))).to.equal('ERR_MM7_SEVERAL_REPORTS');
	});

	it('does without headers', async () => {
		expect((await parseDeliveryReport(multipart(reportXml()).body)).transactionId).to.equal('20260001');
	});

	it('reads a folded Content-Type', async () => {
		const { body } = multipart(reportXml(), 'b');
		const headers = { 'content-type': 'Multipart/Related;\r\n\tTYPE="text/xml";\r\n Boundary="b" ;' };
		expect((await parseDeliveryReport(body, headers)).transactionId).to.equal('20260001');
	});

	it('reads a document in another charset by the header of the request', async () => {
		const xml = reportXml({ elements: { StatusText: CHINESE } }).replace(' encoding="UTF-8"', '');
		const headers = { 'Content-Type': 'text/xml; charset=GBK' };
		expect((await parseDeliveryReport(encode(xml, 'gbk'), headers)).statusText).to.equal(CHINESE);
	});

	it('holds the limits that it is given, and names what is wrong with them', async () => {
		const { body, headers } = multipart(reportXml());
		expect(await codeOf(parseDeliveryReport(body, headers, { limits: { soap: 100 } }))).to.equal(
			'ERR_MM7_SOAP_TOO_LARGE',
		);
		expect(await codeOf(parseDeliveryReport(body, headers, { limits: { parts: 1 } }))).to.equal(
			'ERR_MM7_TOO_MANY_PARTS',
		);
		expect(await codeOf(parseDeliveryReport(body, headers, { limits: { elements: 3 } }))).to.equal(
			'ERR_MM7_TOO_MANY_ELEMENTS',
		);
		expect(await codeOf(parseDeliveryReport(body, headers, { limits: { depth: 0 } }))).to.equal('TypeError');
	});

	it('rejects with the code of what is wrong', async () => {
		expect(await codeOf(parseDeliveryReport(''))).to.equal('ERR_MM7_BODY_EMPTY');
		expect(await codeOf(parseDeliveryReport('hello'))).to.equal('ERR_MM7_MIME');
		expect(await codeOf(parseDeliveryReport('<a>'))).to.equal('ERR_MM7_XML');
		const other = parseDeliveryReport(reportXml({ operation: 'DeliverReq' }));
		expect(await codeOf(other)).to.equal('ERR_MM7_OPERATION');
		const { message } = (await other.catch((error: Error) => error)) as Error;
		expect(message).to.match(/^This operation is not supported: DeliverReq /);
		expect(await codeOf(parseDeliveryReport(reportXml({ transactionId: undefined })))).to.equal(
			'ERR_MM7_TRANSACTION_ID',
		);
	});

	describe('keeps any text in any field', () => {
		/** Text as XML can hold it, with the characters that have a meaning in it; trimmed, not empty. */
		const text = fc
			.oneof(
				fc.string({ unit: 'grapheme', maxLength: 40 }),
				fc
					.array(
						fc.constantFrom('<', '&', '>', '"', "'", ']]>', '&amp;', '--b', '\r\n', '\n', '\t', ' ', 'é', '用', '0'),
					)
					.map((pieces) => pieces.join('')),
			)
			.filter((value) => value.trim() === value && value !== '');
		const FIELDS = {
			MM7Version: 'mm7Version',
			MMSRelayServerID: 'mmsRelayServerId',
			MessageID: 'messageId',
			Date: 'dateText',
			MMStatus: 'mmStatus',
			MMStatusExtension: 'mmStatusExtension',
			StatusText: 'statusText',
			ApplicID: 'applicId',
			ReplyApplicID: 'replyApplicId',
			AuxApplicInfo: 'auxApplicInfo',
		} as const;
		const record = fc.record({
			fields: fc.record(Object.fromEntries(Object.keys(FIELDS).map((name) => [name, text]))),
			transactionId: text,
			recipient: text,
			sender: text,
			uaProf: text,
			timeStamp: text,
			id: text,
			vendor: text,
			key: text,
			value: text,
		});
		const forms: Record<string, (xml: string) => Promise<DeliveryReport>> = {
			'bare XML': (xml) =>
				parseDeliveryReport(Buffer.from(xml), { 'content-type': 'multipart/related; type="text/xml";' }),
			multipart: (xml) => {
				const { body, headers } = multipart(xml, '=_b');
				return parseDeliveryReport(body, headers);
			},
			'UTF-16': (xml) => parseDeliveryReport(Buffer.from(xml.replace('UTF-8', 'UTF-16'), 'utf16le')),
		};
		for (const [form, parse] of Object.entries(forms)) {
			it(`sent as ${form}`, async () => {
				await fc.assert(
					fc.asyncProperty(record, async ({ fields, transactionId, recipient, sender, ...other }) => {
						const elements = Object.fromEntries(
							Object.entries(fields).map(([name, value]) => [name, escapeXml(value)]),
						);
						const xml = reportXml({
							transactionId,
							elements: {
								...elements,
								Recipient: `<RFC2822Address id="${escapeXml(other.id)}">${escapeXml(recipient)}</RFC2822Address>`,
								Sender: escapeXml(sender),
								Extension:
									`<Vendor>${escapeXml(other.vendor)}</Vendor><MessageExtraData><element><key>${escapeXml(other.key)}</key>` +
									`<value>${escapeXml(other.value)}</value></element></MessageExtraData>`,
								UACapabilities: '',
							},
						}).replace(
							'<UACapabilities>',
							() => `<UACapabilities UAProf="${escapeXml(other.uaProf)}" TimeStamp="${escapeXml(other.timeStamp)}">`,
						);
						const report = await parse(xml);
						expect(report).to.include({ transactionId, namespace: NAMESPACE });
						for (const [element, name] of Object.entries(FIELDS)) expect(report[name], name).to.equal(fields[element]);
						expect(report.recipient).to.include({ kind: 'RFC2822Address', address: recipient, id: other.id });
						expect(report.sender).to.include({ kind: 'Text', address: sender });
						expect(report.uaCapabilities).to.deep.equal({ uaProf: other.uaProf, timeStamp: other.timeStamp });
						expect(report.extensions['Vendor']).to.equal(other.vendor);
						if (other.key !== 'Vendor') expect(report.extensions[other.key]).to.equal(other.value);
					}),
					{ numRuns: 150 },
				);
			});
		}
	});
});
