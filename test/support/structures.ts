import fc from 'fast-check';
import { encode } from 'iconv-lite';
import { reportXml } from './report.js';
import { xmlContent } from './xml-documents.js';

/** A body and its Content-Type. */
export class Structure {
	constructor(
		readonly type: string,
		readonly body: Buffer,
	) {}

	/** For the report of a failed property: shortens repetitions. */
	[fc.toStringMethod](): string {
		const text = `${this.type}\n\n${this.body.toString('latin1')}`;
		return JSON.stringify(
			text.replace(/(.{1,20}?)\1{9,}/gs, (all, one: string) => `{${one} × ${all.length / one.length}}`),
		);
	}
}

/** Slightly below the defaults of `limits.body` and `limits.soap`. */
const MAX_BODY_BYTES = 1_000_000;
const MAX_SOAP_BYTES = 250_000;

/** Pieces of long values: all text that some parser stops at, skips or searches for repeatedly. */
const MIME_ATOMS = [
	...' \t,"\\=;<>(:\'%-\xa0a',
	...['; ', ';=', ';a=b', ';a="b', '\\"', 'a ', ' >', '> ', 'cid:', '<cid:', '\r\n ', '\r\n\t', '\r\n ;a="'],
	...['=\r\n ', '=3D', '--b0', 'base64 '],
];
const XML_ATOMS = [
	...' \t\n\r\u00a0\u2028\ufeffé😀a-.:="\'@+1&<>',
	...['\r\n', '/TYPE=', ']]>', '&#65;', '&amp;', '&#xD83D;', '&nbsp;', '<b ', '<b\u00a0', '</', '/>', '<!--', '-->'],
	...['<![CDATA[', '<?', '?>', '??>', '<!', '<a/>', ' a=""', ' xmlns:a=""', '<TransactionID ', '<a>'],
	...['2026-03-16 ', '1 ('],
	// a shift, or half of a character, in another charset
	...['\x1b$B', '\x0e', '~{', '+ADw-', '你]]>', '\u0080'],
];

const length = fc.constantFrom(0, 1, 10, 1000, 15_000, 100_000);

/** A value with long repetitions of one atom. */
function longValue(atoms: readonly string[], maxLength: number): fc.Arbitrary<string> {
	const atom = fc.constantFrom(...atoms);
	const run = fc.tuple(atom, length).map(([text, size]) => text.repeat(Math.ceil(size / text.length)));
	return fc
		.array(fc.oneof(run, atom), { minLength: 1, maxLength: 4 })
		.map((pieces) => pieces.join('').slice(0, maxLength));
}

const headerName = fc.constantFrom(
	...['Content-Type', 'Content-ID', 'Content-Transfer-Encoding', 'Content-Disposition', 'Content-Location', 'X-Vendor'],
);
const headerStart = fc.constantFrom(
	...['', '<', '<a', '"', 'text/xml;', 'text/xml; charset="', 'multipart/mixed; boundary=', 'base64'],
	...['quoted-printable', 'cid:'],
);
const headerEnd = fc.constantFrom('', '>', 'b>', '"', ';', 'x', '\\');
const header = fc
	.tuple(headerName, headerStart, longValue(MIME_ATOMS, 15_900), headerEnd)
	.map((pieces) => `${pieces[0]}: ${pieces.slice(1).join('')}\r\n`);

const partBody = fc.oneof(
	{ weight: 3, arbitrary: fc.constant('x') },
	{ weight: 1, arbitrary: fc.constant(reportXml()) },
	{ weight: 2, arbitrary: longValue([...MIME_ATOMS, '\r\n', '\r\n--b', '--b1\r\n', '\r\n\r\n', '=0'], 60_000) },
);
const part = fc
	.tuple(fc.array(header, { maxLength: 3 }), partBody)
	.map(([headers, body]) => `${headers.join('')}\r\n${body}`);

/** Parts, possibly repeated, around a nested multipart unless `depth` is 0. */
function multipartBody(depth: number): fc.Arbitrary<string> {
	const inner = depth === 0 ? fc.constant(reportXml()) : multipartBody(depth - 1);
	const nested = fc
		.tuple(fc.array(header, { maxLength: 1 }), longValue(MIME_ATOMS, 8000), fc.boolean(), inner)
		.map(([headers, value, hasStart, body]) => {
			const start = hasStart ? '; start="<root>"' : `; start="${value}`;
			return `Content-Type: multipart/related; boundary=b${depth - 1}${start}\r\n${headers.join('')}\r\n${body}`;
		});
	const delimiter = `--b${depth}\r\n`;
	return fc
		.tuple(fc.array(fc.tuple(part, fc.constantFrom(1, 1, 2, 14)), { maxLength: 2 }), nested, fc.boolean(), fc.boolean())
		.map(([parts, multipart, isFirst, isClosed]) => {
			const others = parts.map(([text, count]) => `${delimiter}${text}\r\n`.repeat(count)).join('');
			const here = `${delimiter}${multipart}\r\n`;
			return `${isFirst ? here + others : others + here}${isClosed ? `--b${depth}--\r\n` : ''}`;
		});
}

/** Structured MIME: nested parts with long headers of every kind. */
export const mimeStructure: fc.Arbitrary<Structure> = fc.nat(4).chain((depth) =>
	fc.tuple(multipartBody(depth), longValue(MIME_ATOMS, 8000), fc.boolean()).map(([body, value, isDeclared]) => {
		const boundary = isDeclared ? `; boundary=b${depth}` : '';
		// a header value that Node.js accepts
		const type = `multipart/related${boundary}; start="${value.replace(/[\r\n]/g, '')}`.trim();
		return new Structure(type, Buffer.from(body, 'latin1').subarray(0, MAX_BODY_BYTES));
	}),
);

const longText = longValue(XML_ATOMS, MAX_SOAP_BYTES);
const elementNames = [
	...['MM7Version', 'MessageID', 'Recipient', 'Date', 'MMStatus', 'MMStatusExtension', 'StatusText', 'Vendor'],
];
/** Each place that can hold a long text. */
const PLACES: readonly ((text: string) => string)[] = [
	(text) => text,
	(text) => `<Number>${text}</Number>`,
	(text) => `<![CDATA[${text}]]>`,
	(text) => `<!--${text}-->`,
	(text) => `<?x ${text}?>`,
	(text) => `<a b="${text}"/>`,
	(text) => `<a${text}/>`,
	(text) => `<a ${text}></a>`,
	(text) => `<a${text}`,
];
const contents = fc.oneof(
	{ weight: 5, arbitrary: fc.tuple(fc.constantFrom(...PLACES), longText).map(([place, text]) => place(text)) },
	fc.tuple(xmlContent, fc.constantFrom(1, 2, 30, 500)).map(([xml, count]) => xml.repeat(count)),
	fc
		.tuple(fc.constantFrom('<a>', '<a b="1">', '<n:a xmlns:n="urn:n">'), fc.nat(30))
		.map(([tag, depth]) => tag.repeat(depth) + `</${tag.slice(1).split(/[ >]/, 1)[0]}>`.repeat(depth)),
);

/** Mostly nothing: text outside the root element soon makes a document malformed. */
const outside = fc.oneof(
	{ weight: 6, arbitrary: fc.constant('') },
	{ weight: 1, arbitrary: longText.map((text) => `<!--${text.replaceAll('--', '')}-->`) },
	{ weight: 1, arbitrary: longText },
);

/** Names of charsets in headers and XML declarations, most of them known. */
const charset = fc.constantFrom(
	...['UTF-8', 'ISO8859_9', 'GBK', 'Big5_HKSCS', 'MS949', 'windows-31j', 'EUC_JP', 'TIS620', 'Cp850', 'utf-16'],
	...['iso-2022-jp', 'utf-7', 'x-johab', 'x-relay', 'us-ascii'],
);

/** A structured report in which any place may hold a long text. */
export const xmlStructure: fc.Arbitrary<Structure> = fc
	.record({
		transactionId: fc.oneof({ weight: 3, arbitrary: fc.constant('x') }, longText),
		namespace: fc.oneof({ weight: 3, arbitrary: fc.constant('urn:x') }, longText),
		elements: fc.dictionary(fc.constantFrom(...elementNames), contents, { maxKeys: 3 }),
		before: outside,
		after: outside,
		declared: charset,
		parameter: fc.option(charset, { nil: undefined }),
		/** The encoding of the bytes. */
		encoding: fc.constantFrom('utf-8', 'utf-8', 'gb18030', 'shift_jis', 'cp949', 'windows-1252', 'utf-16le'),
		/** The share of the document that is sent. */
		share: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.double({ min: 0.5, max: 1, noNaN: true })),
	})
	.map(({ before, after, declared, parameter, encoding, share, ...report }) => {
		const xml = `${before}${reportXml(report).replace('UTF-8', declared)}${after}`;
		const type = parameter === undefined ? 'text/xml' : `text/xml; charset=${parameter}`;
		return new Structure(type, encode(xml.slice(0, xml.length * share), encoding).subarray(0, MAX_SOAP_BYTES));
	});
