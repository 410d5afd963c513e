/**
 * What is sent in growing sizes. Limits are raised where the shape would be refused before it can cost anything;
 * what Node bounds itself (16 KB of headers) is exceeded too, since the growth shows better then.
 *
 * @typedef {object} Shape
 * @property {string} name
 * @property {number} size - the smallest; then twice, four times, eight times as much
 * @property {string} unit - of the size
 * @property {string} outcome - `report`, or the code of the error that is right
 * @property {(size: number) => Input} input
 */

/**
 * @typedef {object} Input
 * @property {Buffer} body
 * @property {Record<string, string>} [headers]
 */

/** The widest that the options allow. */
export const OPTIONS = {
	limits: { soap: '64mb', parts: 1000, elements: 1_000_000, depth: 256, attributes: 10_000 },
};

const KB = 1024;
const MM7 = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';

/**
 * A report with more in it.
 *
 * @param {{ before?: string, header?: string, attributes?: string, inside?: string }} more - before the root element,
 * in the SOAP header, in the tag of the operation, at the end of the operation
 */
function report({ before = '', header = '', attributes = '', inside = '' }) {
	return (
		`${before}<env:Envelope xmlns:env="${SOAP}" xmlns="${MM7}"><env:Header><TransactionID>1</TransactionID>${header}` +
		`</env:Header><env:Body><DeliveryReportReq${attributes}><MM7Version>6.8.0</MM7Version><MessageID>2</MessageID>` +
		'<Recipient><Number>12015550123</Number></Recipient><MMStatus>Retrieved</MMStatus>' +
		`${inside}</DeliveryReportReq></env:Body></env:Envelope>`
	);
}

/** @param {Parameters<typeof report>[0]} more */
const xml = (more) => ({ body: Buffer.from(report(more)) });

/** A report for which the Content-Type is asked: of plain ASCII the charset is not. */
const beyondAscii = () => xml({ inside: '<StatusText>gelöscht</StatusText>' });

/** @param {number} count @param {(i: number) => string} text */
const times = (count, text) => Array.from({ length: count }, (_, i) => text(i)).join('');

const BOUNDARY = 'frontier';
const RELATED = { 'content-type': `multipart/related; boundary="${BOUNDARY}"` };

/**
 * @param {string} more - between the report and the end
 * @param {string} [head] - more header lines of the report's part
 */
const multipart = (more, head = '') => ({
	headers: RELATED,
	body: Buffer.from(
		`--${BOUNDARY}\r\nContent-Type: text/xml\r\n${head}\r\n${report({})}\r\n${more}--${BOUNDARY}--\r\n`,
		'latin1',
	),
});

/** @type {Shape[]} */
const ORDINARY = [
	{
		name: 'long text',
		size: 128,
		unit: 'KB',
		outcome: 'report',
		input: (size) => xml({ inside: `<StatusText>${'a '.repeat((size * KB) / 2)}</StatusText>` }),
	},
	{
		name: 'long text beyond ASCII',
		size: 128,
		unit: 'KB',
		outcome: 'report',
		input: (size) => xml({ inside: `<StatusText>${'é'.repeat((size * KB) / 2)}</StatusText>` }),
	},
	{
		name: 'unknown elements, each another name',
		size: 2000,
		unit: 'elements',
		outcome: 'report',
		input: (size) => xml({ inside: times(size, (i) => `<x${i}>v</x${i}>`) }),
	},
	{
		name: 'blocks in the SOAP header',
		size: 2000,
		unit: 'elements',
		outcome: 'report',
		input: (size) => xml({ header: times(size, (i) => `<h${i}/>`) }),
	},
	{
		name: 'parts',
		size: 100,
		unit: 'parts',
		outcome: 'report',
		input: (size) => multipart(times(size, (i) => `--${BOUNDARY}\r\nContent-ID: <p${i}>\r\n\r\nx\r\n`)),
	},
	{
		name: 'one attachment',
		size: 1024,
		unit: 'KB',
		outcome: 'report',
		input: (size) =>
			multipart(`--${BOUNDARY}\r\nContent-Type: image/jpeg\r\n\r\n${'\xff\xd8\r\n-'.repeat((size * KB) / 5)}\r\n`),
	},
	{
		name: 'report in base64',
		size: 128,
		unit: 'KB',
		outcome: 'report',
		input: (size) => encoded('base64', Buffer.from(report({ inside: padding(size * KB) })).toString('base64')),
	},
	{
		name: 'report in quoted-printable',
		size: 128,
		unit: 'KB',
		outcome: 'report',
		input: (size) => {
			const soft = report({ inside: padding(size * KB) }).replaceAll('=', '=3D');
			return encoded('quoted-printable', soft.replace(/.{70}/g, '$&=\r\n'));
		},
	},
];

/** @type {Shape[]} */
const HOSTILE_XML = [
	{
		name: 'attributes of one element',
		size: 1000,
		unit: 'attributes',
		outcome: 'report',
		input: (size) => xml({ attributes: times(size, (i) => ` a${i}="v"`) }),
	},
	{
		name: 'namespace declarations of one element',
		size: 1000,
		unit: 'declarations',
		outcome: 'report',
		input: (size) => xml({ attributes: times(size, (i) => ` xmlns:n${i}="urn:n"`) }),
	},
	{
		name: 'namespace declarations, one for each element',
		size: 2000,
		unit: 'declarations',
		outcome: 'report',
		input: (size) => xml({ inside: times(size, (i) => `<n${i}:x xmlns:n${i}="urn:n"/>`) }),
	},
	{
		name: 'deep nesting',
		size: 30,
		unit: 'levels × 100',
		outcome: 'report',
		input: (size) => xml({ inside: times(100, () => '<d>'.repeat(size) + '</d>'.repeat(size)) }),
	},
	{
		name: 'comments',
		size: 1000,
		unit: 'comments',
		outcome: 'report',
		input: (size) => xml({ inside: '<!-- c -->'.repeat(size) }),
	},
	{
		name: 'processing instructions',
		size: 1000,
		unit: 'instructions',
		outcome: 'report',
		input: (size) => xml({ inside: '<?p i?>'.repeat(size) }),
	},
	{
		name: 'CDATA sections',
		size: 1000,
		unit: 'sections',
		outcome: 'report',
		input: (size) => xml({ inside: `<StatusText>${'<![CDATA[x]]>'.repeat(size)}</StatusText>` }),
	},
	{
		name: 'character references',
		size: 1000,
		unit: 'references',
		outcome: 'report',
		input: (size) => xml({ inside: `<StatusText>${'&#65;'.repeat(size)}</StatusText>` }),
	},
	{
		name: '`&` that begins nothing, to be repaired',
		size: 120,
		unit: 'KB',
		outcome: 'report',
		input: (size) => xml({ inside: `<StatusText>${`& ${'x'.repeat(KB)}`.repeat(size)}</StatusText>` }),
	},
	{
		name: '`<` that begins nothing, to be repaired',
		size: 120,
		unit: 'KB',
		outcome: 'report',
		input: (size) => xml({ inside: `<StatusText>${`< ${'x'.repeat(KB)}`.repeat(size)}</StatusText>` }),
	},
	...['<!--', '<![CDATA[', '<?', '<!', '<', '&', '<a ', '<a x="', '</'].map((opener) => ({
		name: `\`${opener}\` never closed`,
		size: 1000,
		unit: 'openers',
		outcome: 'ERR_MM7_XML',
		input: (/** @type {number} */ size) => ({
			body: Buffer.from(`<env:Envelope xmlns:env="${SOAP}"><env:Body>${opener.repeat(size)}`),
		}),
	})),
	{
		name: 'one `<!` that never ends',
		size: 16,
		unit: 'KB',
		outcome: 'ERR_MM7_XML',
		input: (size) => xml({ before: `<!${'x'.repeat(size * KB)}` }),
	},
	{
		name: '`<TransactionID` that never ends, in a broken document',
		size: 1000,
		unit: 'tags',
		outcome: 'ERR_MM7_XML',
		input: (size) => ({ body: Buffer.from(`<env:Envelope xmlns:env="${SOAP}">${'<TransactionID '.repeat(size)}`) }),
	},
	{
		name: 'blanks behind the document',
		size: 512,
		unit: 'KB',
		outcome: 'report',
		input: (size) => ({
			body: Buffer.from(`${report({})}${' '.repeat((size * KB) / 2)}${'\0'.repeat((size * KB) / 2)}`),
		}),
	},
	{
		name: 'long date, long address, long status',
		size: 64,
		unit: 'KB',
		outcome: 'report',
		input: (size) =>
			xml({
				inside:
					`<Date>${'2026-03-16 '.repeat((size * KB) / 11)}</Date>` +
					`<Sender><Number>${'1/TYPE= @'.repeat((size * KB) / 9)}</Number></Sender>` +
					`<MMStatusExtension>${'_- '.repeat((size * KB) / 3)}</MMStatusExtension>`,
			}),
	},
];

/** @type {Shape[]} */
const HOSTILE_MIME = [
	{
		name: 'lines that look like the delimiter',
		size: 8000,
		unit: 'lines',
		outcome: 'report',
		input: (size) => multipart(`--${BOUNDARY}\r\n\r\n${`--${BOUNDARY}x\r\n`.repeat(size)}`),
	},
	{
		name: 'delimiters in the middle of a line',
		size: 8000,
		unit: 'delimiters',
		outcome: 'report',
		input: (size) => multipart(`--${BOUNDARY}\r\n\r\n${`x--${BOUNDARY}`.repeat(size)}\r\n`),
	},
	{
		name: 'blanks behind a delimiter',
		size: 512,
		unit: 'KB',
		outcome: 'report',
		input: (size) => multipart(`--${BOUNDARY}${' '.repeat(size * KB)}\r\n\r\nx\r\n`),
	},
	{
		name: 'line breaks in a preamble, no boundary declared',
		size: 512,
		unit: 'KB',
		outcome: 'ERR_MM7_MIME',
		input: (size) => ({
			headers: { 'content-type': 'multipart/related' },
			body: Buffer.from(`x${'\r\n'.repeat((size * KB) / 2)}`),
		}),
	},
	{
		name: 'headers of parts that say nothing',
		size: 1000,
		unit: 'lines × 100 parts',
		outcome: 'report',
		input: (size) => multipart(times(100, () => `--${BOUNDARY}\r\n${'a\r\n'.repeat(size)}\r\nx\r\n`)),
	},
	{
		// so many parts, because fewer pass the size of V8's young generation on the way, which looks like a curve
		name: 'folded headers of parts',
		size: 500,
		unit: 'lines × 400 parts',
		outcome: 'report',
		input: (size) => multipart(times(400, () => `--${BOUNDARY}\r\nA: b\r\n${' c\r\n'.repeat(size)}\r\nx\r\n`)),
	},
	{
		name: 'nested multiparts',
		size: 100,
		unit: 'multiparts',
		outcome: 'report',
		input: (size) => ({
			headers: RELATED,
			body: Buffer.from(
				`${times(size, (i) => `--${BOUNDARY}\r\nContent-Type: multipart/mixed; boundary=i${i}\r\n\r\n--i${i}\r\n\r\nx\r\n--i${i}--\r\n`)}` +
					`--${BOUNDARY}\r\nContent-Type: text/xml\r\n\r\n${report({})}\r\n--${BOUNDARY}--\r\n`,
			),
		}),
	},
	{
		name: 'quoted-printable of `=` alone',
		size: 128,
		unit: 'KB',
		outcome: 'ERR_MM7_MIME',
		input: (size) => encoded('quoted-printable', '='.repeat(size * KB)),
	},
	...['; ', ';=', '="', '"', '\\"', ';a=b', ';a="b'].map((soup) => ({
		name: `\`${soup}\` in Content-Type`,
		size: 64,
		unit: 'KB',
		outcome: 'report',
		input: (/** @type {number} */ size) => ({
			...beyondAscii(),
			headers: { 'content-type': `multipart/related${soup.repeat((size * KB) / soup.length)}` },
		}),
	})),
	{
		name: 'long quoted parameter in Content-Type',
		size: 32,
		unit: 'KB',
		outcome: 'report',
		input: (size) => ({
			...beyondAscii(),
			headers: { 'content-type': `text/xml; a="${'\\x'.repeat((size * KB) / 2)}"` },
		}),
	},
];

/**
 * The shapes that the properties of the tests make at random, one after the other: every place where a value may be
 * long, with everything that some reader stops at, skips, or looks for again.
 *
 * @type {Shape[]}
 */
const STRUCTURES = [
	...['Content-ID', 'Content-Type', 'Content-Transfer-Encoding', 'Content-Disposition'].flatMap((name) =>
		[' ', '\t', ',', '"', '\\', '=', ';', '<', '\r\n ', ';a="b'].map((soup) => ({
			name: `${JSON.stringify(soup)} in the ${name} of 50 parts`,
			size: 15,
			unit: '× 128 bytes',
			outcome: 'report',
			input: (/** @type {number} */ size) => {
				const value = `<a${soup.repeat((size * 128) / soup.length)}b>`;
				const { body } = multipart(times(50, () => `--${BOUNDARY}\r\n${name}: ${value}\r\n\r\nx\r\n`));
				return { headers: { 'content-type': `${RELATED['content-type']}; start="<root>"` }, body };
			},
		})),
	),
	...Object.entries({
		'a text': (/** @type {string} */ soup) => report({ inside: `<StatusText>${soup}</StatusText>` }),
		'an attribute': (/** @type {string} */ soup) => report({ inside: `<x y='${soup}'/>` }),
		'a comment': (/** @type {string} */ soup) => report({ inside: `<!--${soup}!-->` }),
		CDATA: (/** @type {string} */ soup) => report({ inside: `<x><![CDATA[${soup}]]></x>` }),
		'a tag that is not closed, to be repaired': (/** @type {string} */ soup) =>
			report({ inside: `<StatusText>&<x${soup}</StatusText>` }),
	}).flatMap(([place, xmlWith]) =>
		[' ', '\t', '\n', '\r', '\u00a0', '.', ':', '=', '"', ']', '?', '/', '&#9;'].map((soup) => ({
			name: `${JSON.stringify(soup)} in ${place}`,
			// small, since what is collected of more passes the size of V8's young generation on the way, which looks like a
			// curve; of references there may be 8192
			size: soup.length === 1 ? 16 : 3,
			unit: 'KB',
			// a name of that length is refused
			outcome: place.startsWith('a tag') && '.:="]?&#9;'.includes(soup) ? 'ERR_MM7_XML' : 'report',
			input: (/** @type {number} */ size) => ({ body: Buffer.from(xmlWith(soup.repeat((size * KB) / soup.length))) }),
		})),
	),
];

export const SHAPES = [...ORDINARY, ...HOSTILE_XML, ...HOSTILE_MIME, ...STRUCTURES];

/** @param {number} length */
function padding(length) {
	return `<StatusText>${'text=text '.repeat(length / 10)}</StatusText>`;
}

/**
 * @param {string} encoding
 * @param {string} text
 */
function encoded(encoding, text) {
	return {
		headers: RELATED,
		body: Buffer.from(
			`--${BOUNDARY}\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${text}\r\n` +
				`--${BOUNDARY}--\r\n`,
		),
	};
}
