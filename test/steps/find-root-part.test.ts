import { expect } from 'chai';
import fc from 'fast-check';
import { findRootPart } from '../../lib/steps/find-root-part.js';
import { reportXml } from '../support/report.js';

const LIMITS = { soap: 100_000, parts: 8 };
const XML = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>';

type Headers = Readonly<Record<string, string>>;

async function root(body: string | Buffer, contentType?: string, headers: Headers = {}): Promise<string> {
	const all = contentType === undefined ? headers : { 'content-type': contentType, ...headers };
	return (await findRootPart(Buffer.from(body as string), all, LIMITS)).bytes.toString();
}

async function codeOf(promise: Promise<unknown>): Promise<string | undefined> {
	try {
		await promise;
		return undefined;
	} catch (error) {
		return (error as { code?: string }).code;
	}
}

/** A MIME body; every part begins with its headers. */
function mime(parts: readonly string[], boundary = 'b'): string {
	return `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`;
}

const RELATED = 'multipart/related; boundary=b';
const SOAP_PART = `Content-Type: text/xml\r\nContent-ID: <soap>\r\n\r\n${XML}`;
const SMIL_PART = 'Content-Type: application/smil\r\nContent-ID: <smil>\r\n\r\n<smil/>';
const TEXT_PART = 'Content-Type: text/plain\r\nContent-ID: <text>\r\n\r\nhello';

describe('findRootPart', () => {
	describe('treats a body that begins with < as XML', () => {
		it('under any Content-Type', async () => {
			for (const contentType of [
				undefined,
				'text/xml;',
				'application/soap+xml; action=""',
				'application/x-www-form-urlencoded',
				'multipart/related; type="text/xml";',
				RELATED,
				'no type at all',
			]) {
				expect(await root(XML, contentType), contentType).to.equal(XML);
			}
		});

		it('after blanks or a byte order mark, or in UTF-16', async () => {
			for (const before of [' \r\n\t', '\ufeff', '\r\n\ufeff']) expect(await root(before + XML)).to.equal(before + XML);
			const wide = Buffer.from(`\ufeff${XML}`, 'utf16le');
			expect((await findRootPart(wide, {}, LIMITS)).bytes.equals(wide)).to.equal(true);
		});

		it('after any text without <', async () => {
			for (const before of ['299\r\n', 'XMLDATA=', 'Here is a report that you may have been waiting for: ']) {
				expect(await root(before + XML, 'text/xml')).to.equal(before + XML);
			}
		});

		it('with a Content-Transfer-Encoding in the request, applied or not', async () => {
			const header = (encoding: string) => ({ 'content-transfer-encoding': encoding });
			expect(await root(Buffer.from(XML).toString('base64'), 'text/xml', header('base64'))).to.equal(XML);
			expect(await root(XML.replaceAll('=', '=3D'), 'text/xml', header('quoted-printable'))).to.equal(XML);
			for (const encoding of ['base64', 'quoted-printable', '8bit', 'binary']) {
				expect(await root(XML, 'text/xml', header(encoding)), encoding).to.equal(XML);
			}
		});
	});

	describe('finds the SOAP part of a MIME body', () => {
		it('whatever Content-Transfer-Encoding the request declares', async () => {
			for (const encoding of ['base64', 'quoted-printable', 'binary']) {
				const headers = { 'content-transfer-encoding': encoding };
				expect(await root(mime([SOAP_PART]), RELATED, headers), encoding).to.equal(XML);
			}
		});

		it('by start, with and without angle brackets', async () => {
			const other = SOAP_PART.replace('<soap>', '<other>').replace('<e:Body/>', '');
			const body = mime([other, SMIL_PART, SOAP_PART]);
			for (const start of ['<soap>', 'soap', '" <soap> "', '<soap', 'cid:soap', '<SOAP>']) {
				expect(await root(body, `multipart/related; boundary=b; start=${start}`), start).to.equal(XML);
			}
			expect(await root(body.replace('<soap>', 'soap'), 'multipart/related; boundary=b; start="<soap>"')).to.equal(XML);
		});

		it('first in the body if start is missing, names no part, or names one that is not an envelope', async () => {
			const body = mime([TEXT_PART, SMIL_PART, SOAP_PART]);
			for (const start of ['; start="<nobody>"', '; start="<smil>"', '; start=""', '']) {
				expect(await root(body, `${RELATED}${start}`), start).to.equal(XML);
			}
		});

		it('rather than XML that only mentions an envelope', async () => {
			const comments = '<!-- <Envelope> --><?x <Envelope> ?>';
			const mention = `Content-Type: application/xml\r\n\r\n${comments}<a><x:Envelope/>:envelope</a>`;
			for (const xml of [XML, XML.replaceAll('e:', ''), `<?xml version="1.0"?>\r\n<!-- <a> -->${XML}`]) {
				for (const other of [mention, '\r\n<!-- <Envelope>', '\r\n<?x <Envelope>']) {
					expect(await root(mime([other, `\r\n${xml}`]), RELATED), xml).to.equal(xml);
				}
			}
		});

		it('after up to 16 junk characters, among any number of blanks', async () => {
			const other = '\r\n<Envelope/>';
			for (const [junk, isRoot] of [
				['?'.repeat(16), true],
				['? \t\0'.repeat(16), true],
				[' '.repeat(100), true],
				['?'.repeat(17), false],
				['-', false],
				[':', false],
			] as const) {
				const expected = isRoot ? junk + XML : '<Envelope/>';
				expect(await root(mime([`X: y\r\n\r\n${junk}${XML}`, other]), RELATED), junk).to.equal(expected);
			}
		});

		it('under any media type', async () => {
			for (const type of ['multipart/mixed', 'Multipart/Form-Data', 'text/xml', 'application/xop+xml']) {
				expect(await root(mime([SOAP_PART, TEXT_PART]), `${type}; boundary=b`), type).to.equal(XML);
			}
		});

		it('in a XOP package', async () => {
			const part = SOAP_PART.replace('text/xml', 'application/xop+xml; type="text/xml"');
			const contentType = 'multipart/related; type="application/xop+xml"; start="<soap>"; boundary="uuid:1"';
			expect(await root(mime([part], 'uuid:1'), contentType)).to.equal(XML);
		});

		it('without headers', async () => {
			for (const part of [`\r\n${XML}`, XML]) expect(await root(mime([part]), RELATED)).to.equal(XML);
		});

		it('by the declared boundary, if it is used', async () => {
			expect(await root(`--a\r\n\r\n<e:Envelope/>\r\n${mime([SOAP_PART])}`, RELATED)).to.equal(XML);
		});

		it('by the boundary that is used, if that is not the declared one', async () => {
			for (const parameter of ['', '; boundary=c', '; boundary=', '; boundary=--b', `; boundary=${'c'.repeat(5000)}`]) {
				expect(await root(mime([TEXT_PART, SOAP_PART]), `multipart/related${parameter}`), parameter).to.equal(XML);
			}
			expect(await root(mime([SOAP_PART]))).to.equal(XML);
		});

		it('next to a nested multipart, which is not searched', async () => {
			const inner = `Content-Type: multipart/mixed; boundary=c\r\n\r\n${mime([SOAP_PART.replace('Body', 'Other')], 'c')}`;
			expect(await root(mime([inner, SOAP_PART]), RELATED)).to.equal(XML);
			expect(await codeOf(root(mime([inner]), RELATED))).to.equal('ERR_MM7_MIME');
		});

		it('after the remains of a byte order mark before the first delimiter', async () => {
			const twice = Buffer.from(Buffer.from('\ufeff').toString('latin1')).toString();
			for (const before of ['\ufeff', '\ufeff\ufeff', twice, '?', '??? ', '\ufffd', '\u200b', ' ', '\t\r\n ', '\0']) {
				for (const contentType of [RELATED, 'multipart/related', undefined]) {
					expect(await root(before + mime([SOAP_PART, TEXT_PART]), contentType), before).to.equal(XML);
				}
			}
		});

		it('before a damaged closing delimiter', async () => {
			const base64 = `Content-Transfer-Encoding: base64\r\n\r\n${Buffer.from(XML).toString('base64')}`;
			for (const end of ['--b---', '--b-\r\n', '--b -- ', '--b', '--b--EOF\0']) {
				for (const part of [SOAP_PART, base64]) {
					expect(await root(`--b\r\n${part}\r\n${end}`, RELATED), end).to.equal(XML);
				}
			}
		});

		it('in base64 and quoted-printable, in any case', async () => {
			const base64 = Buffer.from(XML).toString('base64').replace(/.{76}/g, '$&\r\n');
			const quoted = XML.replaceAll('=', '=3D').replace('Body', 'Bo=\r\ndy');
			const base64Names = [
				'BASE64',
				'base64;',
				'base64; charset=utf-8',
				'base64 (as RFC 2045 has it)',
				'(RFC 2045) base64',
			];
			for (const [encoding, text] of [
				...[...base64Names, '"base64"', 'base64, base64', ' base64.'].map((name) => [name, base64] as const),
				['base64', XML],
				['Quoted-Printable', quoted],
				['quoted-printable (sic)', quoted],
				['quoted-printable;', XML],
				['quoted-printable', XML.replaceAll('"', "'")],
			] as const) {
				const part = `Content-Transfer-Encoding: ${encoding}\r\n\r\n${text}`;
				expect((await root(mime([part]), RELATED)).replaceAll("'", '"'), encoding).to.equal(XML);
			}
		});

		it('or the first XML if no part is an envelope, so that the error can name it', async () => {
			const parts = [TEXT_PART, 'Content-Type: text/xml\r\n\r\n<first/>', SMIL_PART];
			expect(await root(mime(parts), RELATED)).to.equal('<first/>');
			expect(await root(mime(parts), 'multipart/related; boundary=b; start="<smil>"')).to.equal('<smil/>');
		});

		it('next to an attachment of several megabytes', async () => {
			const picture = `Content-Type: image/jpeg\r\n\r\n${'\u00ff<'.repeat(2_000_000)}`;
			expect(await root(mime([picture, SOAP_PART]), RELATED)).to.equal(XML);
		});
	});

	it('prefers the charset of the part to that of the request', async () => {
		const contentType = 'multipart/related; charset=utf-8; boundary=b';
		const part = `Content-Type: text/xml; charset="euc-kr"\r\n\r\n${XML}`;
		const charsetOf = async (body: string, type: string) =>
			(await findRootPart(Buffer.from(body), { 'content-type': type }, LIMITS)).charset;
		expect(await charsetOf(mime([part]), contentType)).to.equal('euc-kr');
		expect(await charsetOf(mime([SOAP_PART]), contentType)).to.equal('utf-8');
		expect(await charsetOf(XML, 'text/xml; Charset="UTF-8"')).to.equal('UTF-8');
		expect(await charsetOf(XML, 'text/xml')).to.equal(undefined);
	});

	it('rejects a body that is neither XML nor MIME containing XML', async () => {
		expect(await codeOf(root(''))).to.equal('ERR_MM7_BODY_EMPTY');
		for (const body of ['hello', '   ', '\0\0', '{"a":1}', mime([TEXT_PART]), '--b--', '--b\r\n']) {
			expect(await codeOf(root(body, RELATED)), body).to.equal('ERR_MM7_MIME');
		}
	});

	it('rejects too many parts', async () => {
		expect(await root(mime(Array(8).fill(SOAP_PART)), RELATED)).to.equal(XML);
		expect(await codeOf(root(mime(Array(9).fill(SOAP_PART)), RELATED))).to.equal('ERR_MM7_TOO_MANY_PARTS');
	});

	it('accepts a SOAP part of exactly limits.soap bytes, decoded, and rejects a longer one', async () => {
		const encodings: Record<string, (xml: string) => string> = {
			'8bit': (xml) => xml,
			base64: (xml) => Buffer.from(xml).toString('base64'),
			'quoted-printable': (xml) => [...Buffer.from(xml)].map((byte) => `=${byte.toString(16)}`).join(''),
		};
		for (const [encoding, encode] of Object.entries(encodings)) {
			const sent = (bytes: number) => {
				const part = encode(XML.padEnd(bytes));
				return root(mime([`Content-Transfer-Encoding: ${encoding}\r\n\r\n${part}`]), RELATED);
			};
			expect(await sent(LIMITS.soap), encoding).to.have.lengthOf(LIMITS.soap);
			expect(await codeOf(sent(LIMITS.soap + 1)), encoding).to.equal('ERR_MM7_SOAP_TOO_LARGE');
		}
		expect(await codeOf(root(XML.padEnd(LIMITS.soap + 1)))).to.equal('ERR_MM7_SOAP_TOO_LARGE');
	});

	describe('detects a report in another part', () => {
		const report = (operation: string, prefix = '') =>
			reportXml({ operation }).replaceAll(`<${operation}`, `<${prefix}${operation}`);
		const hasOtherReport = (parts: readonly (string | Buffer)[]) => {
			const framed = parts.flatMap((part) => ['--b\r\nContent-Type: text/xml\r\n\r\n', part, '\r\n']);
			const body = Buffer.concat([...framed, '--b--\r\n'].map((piece) => Buffer.from(piece as string)));
			const found = findRootPart(body, { 'content-type': RELATED }, LIMITS);
			return found.refusal?.detail === 'two parts hold a report';
		};
		const first = report('DeliveryReportReq');

		it('in any framing', () => {
			for (const other of [
				first,
				report('DeliveryReportReq', 'mm7:'),
				report('DeliverReportReq'),
				report('deliveryreportreq'),
				report('ReadReplyReq'),
				first.replaceAll('env:', '').replaceAll('xmlns:env', 'xmlns'),
				first.replace('<env:Body>', '<env:Body id="b">\n<!-- <a> --> '),
				first.replace('<?xml version="1.0" encoding="UTF-8"?>', '\ufeff'),
				Buffer.from(first, 'utf16le'),
			]) {
				expect(hasOtherReport([first, other]), String(other)).to.equal(true);
			}
			const base64 = `--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(first).toString('base64')}\r\n`;
			const body = `--b\r\n\r\n${first}\r\n${base64}--b--`;
			const headers = { 'content-type': 'multipart/related; boundary=b; start="<soap>"' };
			expect(findRootPart(Buffer.from(body), headers, LIMITS).refusal).to.have.property(
				'code',
				'ERR_MM7_SEVERAL_REPORTS',
			);
		});

		it('but not in other XML or text', () => {
			for (const other of [
				'<smil><body><DeliveryReportReq/></body></smil>',
				'<DeliveryReportReq/>',
				report('SubmitReq'),
				report('DeliveryReportReqs'),
				first.replace('<DeliveryReportReq>', '<SubmitReq><DeliveryReportReq>'),
				first.replace('<DeliveryReportReq>', '<!-- <DeliveryReportReq> --><SubmitReq>'),
				'<e:Envelope xmlns:e="urn:e"><e:Body/></e:Envelope>',
				`The report was: ${first}`,
				'',
			]) {
				expect(hasOtherReport([first, other]), other).to.equal(false);
			}
			expect(hasOtherReport([first])).to.equal(false);
		});
	});

	it('finds the root part among any parts, in any framing', async () => {
		const boundary = fc.constantFrom('b', '--b', '=_Part=1', "a'(b)+_,-./:=?c", 'uuid:1', 'x y');
		const noise = fc
			.array(fc.constantFrom('\r\n', 'x', '--', '<a/>', ' ', ':', 'Envelope', '\u00ff'), { maxLength: 12 })
			.map((pieces) => `Content-Type: image/png\r\n\r\n#${pieces.join('')}`);
		const flag = fc.boolean();
		const framing = fc.record({ lineFeed: flag, preamble: flag, closing: flag, quoted: flag, blanks: flag });
		await fc.assert(
			fc.asyncProperty(
				boundary,
				fc.array(noise, { maxLength: 3 }),
				fc.array(noise, { maxLength: 3 }),
				framing,
				async (name, before, after, { lineFeed, preamble, closing, quoted, blanks }) => {
					const parts = [...before, SOAP_PART, ...after];
					const delimiter = `--${name}${blanks ? ' ' : ''}\r\n`;
					const framed = `${preamble ? 'Hello\r\n' : ''}${parts.map((part) => `${delimiter}${part}\r\n`).join('')}`;
					const body = closing ? `${framed}--${name}--\r\n` : framed;
					const contentType = `multipart/related; boundary=${quoted ? `"${name}"` : name}; start=soap`;
					const sent = lineFeed ? body.replaceAll('\r\n', '\n') : body;
					expect((await root(sent, contentType)).trimEnd()).to.equal(XML);
				},
			),
			{ numRuns: 200 },
		);
	});
});
