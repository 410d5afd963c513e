import fc from 'fast-check';
import { encode } from 'iconv-lite';
import { reportXml } from './report.js';
import { xmlContent } from './xml-documents.js';

/** A body with the Content-Type that it is sent under. */
export class Structure {
	constructor(
		readonly type: string,
		readonly body: Buffer,
	) {}

	/** For the failure of a property: what is repeated is written once. */
	[fc.toStringMethod](): string {
		const text = `${this.type}\n\n${this.body.toString('latin1')}`;
		return JSON.stringify(
			text.replace(/(.{1,20}?)\1{9,}/gs, (all, one: string) => `{${one} × ${all.length / one.length}}`),
		);
	}
}

/** Bytes of the default limits `body` and `soap`, less some room for what stands around. */
const LONGEST_BODY = 1_000_000;
const LONGEST_SOAP = 250_000;

/** What long values are made of: all that some reader stops at, skips, or looks for again. */
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
	// read as a shift, or as half of a character, in another charset
	...['\x1b$B', '\x0e', '~{', '+ADw-', '你]]>', '\u0080'],
];

const length = fc.constantFrom(0, 1, 10, 1000, 15_000, 100_000);

/** A value that is one atom again and again, between others. */
function longValue(atoms: readonly string[], longest: number): fc.Arbitrary<string> {
	const atom = fc.constantFrom(...atoms);
	const run = fc.tuple(atom, length).map(([text, size]) => text.repeat(Math.ceil(size / text.length)));
	return fc
		.array(fc.oneof(run, atom), { minLength: 1, maxLength: 4 })
		.map((pieces) => pieces.join('').slice(0, longest));
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

/** Parts, most of which may be the same one again, with another multipart among them while `depth` is left. */
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

/** MIME by its structure: parts in parts, with headers that are long in every way. */
export const mimeStructure: fc.Arbitrary<Structure> = fc.nat(4).chain((depth) =>
	fc.tuple(multipartBody(depth), longValue(MIME_ATOMS, 8000), fc.boolean()).map(([body, value, isDeclared]) => {
		const boundary = isDeclared ? `; boundary=b${depth}` : '';
		// what Node.js takes as a header value
		const type = `multipart/related${boundary}; start="${value.replace(/[\r\n]/g, '')}`.trim();
		return new Structure(type, Buffer.from(body, 'latin1').subarray(0, LONGEST_BODY));
	}),
);

const longText = longValue(XML_ATOMS, LONGEST_SOAP);
const elementNames = [
	...['MM7Version', 'MessageID', 'Recipient', 'Date', 'MMStatus', 'MMStatusExtension', 'StatusText', 'Vendor'],
];
/** Each place in which a long text can be. */
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

/** Mostly nothing: what stands outside of the root element is soon the end of a document. */
const outside = fc.oneof(
	{ weight: 6, arbitrary: fc.constant('') },
	{ weight: 1, arbitrary: longText.map((text) => `<!--${text.replaceAll('--', '')}-->`) },
	{ weight: 1, arbitrary: longText },
);

/** Names of charsets, most of them known, as they stand in a header and an XML declaration. */
const charset = fc.constantFrom(
	...['UTF-8', 'ISO8859_9', 'GBK', 'Big5_HKSCS', 'MS949', 'windows-31j', 'EUC_JP', 'TIS620', 'Cp850', 'utf-16'],
	...['iso-2022-jp', 'utf-7', 'x-johab', 'x-relay', 'us-ascii'],
);

/** A report by its structure: each of its places may hold what is long in some way. */
export const xmlStructure: fc.Arbitrary<Structure> = fc
	.record({
		transactionId: fc.oneof({ weight: 3, arbitrary: fc.constant('x') }, longText),
		namespace: fc.oneof({ weight: 3, arbitrary: fc.constant('urn:x') }, longText),
		elements: fc.dictionary(fc.constantFrom(...elementNames), contents, { maxKeys: 3 }),
		before: outside,
		behind: outside,
		declared: charset,
		parameter: fc.option(charset, { nil: undefined }),
		/** The encoding of the bytes. */
		encoding: fc.constantFrom('utf-8', 'utf-8', 'gb18030', 'shift_jis', 'cp949', 'windows-1252', 'utf-16le'),
		/** The share of the document that is sent. */
		share: fc.oneof({ weight: 8, arbitrary: fc.constant(1) }, fc.double({ min: 0.5, max: 1, noNaN: true })),
	})
	.map(({ before, behind, declared, parameter, encoding, share, ...report }) => {
		const xml = `${before}${reportXml(report).replace('UTF-8', declared)}${behind}`;
		const type = parameter === undefined ? 'text/xml' : `text/xml; charset=${parameter}`;
		return new Structure(type, encode(xml.slice(0, xml.length * share), encoding).subarray(0, LONGEST_SOAP));
	});
