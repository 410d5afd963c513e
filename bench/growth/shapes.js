/**
 * Requests in growing sizes. Limits are raised so that no shape is rejected before it can cost anything. Node's own
 * limit of 16 KB for headers is exceeded too, since that shows the growth better.
 *
 * @typedef {object} Shape
 * @property {string} name
 * @property {number} size - the smallest; then two, four and eight times as much
 * @property {string} unit - of the size
 * @property {string} outcome - `report`, or the code of the expected error
 * @property {(size: number) => Input} input
 */

/** @typedef {{ body: Buffer, headers?: Record<string, string> }} Input */

/** @typedef {[name: string, size: number, unit: string, input: Shape['input']]} Row */

/** The highest limits that the options allow. */
export const OPTIONS = {
	limits: { soap: '64mb', parts: 1000, elements: 1_000_000, depth: 256, attributes: 10_000 },
};

const KB = 1024;
const MM7 = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';
const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';

/**
 * A report with additions.
 *
 * @param {{ before?: string, header?: string, attributes?: string, inside?: string, after?: string }} more - before the
 * root element, in the SOAP header, in the tag of the operation, at the end of the operation, after the root element
 */
function report({ before = '', header = '', attributes = '', inside = '', after = '' }) {
	return (
		`${before}<env:Envelope xmlns:env="${SOAP}" xmlns="${MM7}"><env:Header><TransactionID>1</TransactionID>${header}` +
		`</env:Header><env:Body><DeliveryReportReq${attributes}><MM7Version>6.8.0</MM7Version><MessageID>2</MessageID>` +
		'<Recipient><Number>12015550123</Number></Recipient><MMStatus>Retrieved</MMStatus>' +
		`${inside}</DeliveryReportReq></env:Body></env:Envelope>${after}`
	);
}

/** @param {Parameters<typeof report>[0]} more */
const xml = (more) => ({ body: Buffer.from(report(more)) });

/** @param {string} text */
const statusText = (text) => xml({ inside: `<StatusText>${text}</StatusText>` });

/** Text of that many KB. @param {string} soup @param {number} size */
const kilobytes = (soup, size) => soup.repeat((size * KB) / soup.length);

/** @param {number} count @param {(i: number) => string} text */
const times = (count, text) => Array.from({ length: count }, (_, i) => text(i)).join('');

const DELIMITER = '--frontier';
const RELATED = { 'content-type': 'multipart/related; boundary="frontier"' };

/** @param {string} more - after the report */
const multipart = (more) => encoded('8bit', report({}), more);

/** @param {string} encoding @param {string} text @param {string} [more] - after the report */
const encoded = (encoding, text, more = '') => ({
	headers: RELATED,
	body: Buffer.from(
		`${DELIMITER}\r\nContent-Type: text/xml\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${text}\r\n` +
			`${more}${DELIMITER}--\r\n`,
		'latin1',
	),
});

/** A Content-Type matters only if the report is not plain ASCII. @param {string} type */
const withContentType = (type) => ({ ...statusText('gelöscht'), headers: { 'content-type': type } });

/** @type {Row[]} */
const REPORTS = [
	['long text', 128, 'KB', (n) => statusText(kilobytes('a ', n))],
	['long text beyond ASCII', 128, 'KB', (n) => statusText('é'.repeat((n * KB) / 2))],
	[
		'unknown elements with different names',
		2000,
		'elements',
		(n) => xml({ inside: times(n, (i) => `<x${i}>v</x${i}>`) }),
	],
	['blocks in the SOAP header', 2000, 'elements', (n) => xml({ header: times(n, (i) => `<h${i}/>`) })],
	['parts', 100, 'parts', (n) => multipart(times(n, (i) => `${DELIMITER}\r\nContent-ID: <p${i}>\r\n\r\nx\r\n`))],
	['one attachment', 1024, 'KB', (n) => multipart(`${DELIMITER}\r\n\r\n${kilobytes('\xff\xd8\r\n-', n)}\r\n`)],
	[
		'report in base64',
		128,
		'KB',
		(n) => encoded('base64', statusText(kilobytes('text=text ', n)).body.toString('base64')),
	],
	[
		'report in quoted-printable',
		128,
		'KB',
		(n) => {
			const escaped = report({ inside: `<x>${kilobytes('text=text ', n)}</x>` }).replaceAll('=', '=3D');
			return encoded('quoted-printable', escaped.replace(/.{70}/g, '$&=\r\n'));
		},
	],
	['attributes of one element', 1000, 'attributes', (n) => xml({ attributes: times(n, (i) => ` a${i}="v"`) })],
	['namespaces of one element', 1000, 'declarations', (n) => xml({ attributes: times(n, (i) => ` xmlns:n${i}="n"`) })],
	[
		'namespaces, one per element',
		2000,
		'declarations',
		(n) => xml({ inside: times(n, (i) => `<n${i}:x xmlns:n${i}="urn:n"/>`) }),
	],
	['deep nesting', 30, 'levels × 100', (n) => xml({ inside: ('<d>'.repeat(n) + '</d>'.repeat(n)).repeat(100) })],
	['comments', 1000, 'comments', (n) => xml({ inside: '<!-- c -->'.repeat(n) })],
	['processing instructions', 1000, 'instructions', (n) => xml({ inside: '<?p i?>'.repeat(n) })],
	['CDATA sections', 1000, 'sections', (n) => statusText('<![CDATA[x]]>'.repeat(n))],
	['character references', 1000, 'references', (n) => statusText('&#65;'.repeat(n))],
	['`&` to repair', 120, 'KB', (n) => statusText(`& ${'x'.repeat(KB)}`.repeat(n))],
	['`<` to repair', 120, 'KB', (n) => statusText(`< ${'x'.repeat(KB)}`.repeat(n))],
	['white space after the document', 512, 'KB', (n) => xml({ after: kilobytes(' ', n / 2) + kilobytes('\0', n / 2) })],
	['long date', 64, 'KB', (n) => xml({ inside: `<Date>${kilobytes('2026-03-16 ', n)}</Date>` })],
	['long address', 64, 'KB', (n) => xml({ inside: `<Sender><Number>${kilobytes('1/TYPE= @', n)}</Number></Sender>` })],
	['long status', 64, 'KB', (n) => xml({ inside: `<MMStatusExtension>${kilobytes('_- ', n)}</MMStatusExtension>` })],
	[
		'lines that look like a delimiter',
		8000,
		'lines',
		(n) => multipart(`${DELIMITER}\r\n\r\n${`${DELIMITER}x\r\n`.repeat(n)}`),
	],
	[
		'delimiters in the middle of a line',
		8000,
		'delimiters',
		(n) => multipart(`${DELIMITER}\r\n\r\n${`x${DELIMITER}`.repeat(n)}\r\n`),
	],
	['blanks after a delimiter', 512, 'KB', (n) => multipart(`${DELIMITER}${kilobytes(' ', n)}\r\n\r\nx\r\n`)],
	[
		'lines without a colon in the headers of parts',
		1000,
		'lines × 100 parts',
		(n) => multipart(`${DELIMITER}\r\n${'a\r\n'.repeat(n)}\r\nx\r\n`.repeat(100)),
	],
	[
		// 400 parts: fewer and larger ones overflow V8's young generation, which looks like growth
		'folded headers of parts',
		500,
		'lines × 400 parts',
		(n) => multipart(`${DELIMITER}\r\nA: b\r\n${' c\r\n'.repeat(n)}\r\nx\r\n`.repeat(400)),
	],
	[
		'nested multiparts',
		100,
		'multiparts',
		(n) => {
			const nested = (/** @type {number} */ i) =>
				`${DELIMITER}\r\nContent-Type: multipart/mixed; boundary=i${i}\r\n\r\n--i${i}\r\n\r\nx\r\n--i${i}--\r\n`;
			return multipart(times(n, nested));
		},
	],
	...['; ', ';=', '="', '"', '\\"', ';a=b', ';a="b'].map(
		/** @returns {Row} */ (soup) => [
			`\`${soup}\` in Content-Type`,
			64,
			'KB',
			(n) => withContentType(`multipart/related${kilobytes(soup, n)}`),
		],
	),
	['long quoted parameter in Content-Type', 32, 'KB', (n) => withContentType(`text/xml; a="${kilobytes('\\x', n)}"`)],
	...['Content-ID', 'Content-Type', 'Content-Transfer-Encoding', 'Content-Disposition'].flatMap((name) =>
		[' ', '\t', ',', '"', '\\', '=', ';', '<', '\r\n ', ';a="b'].map(
			/** @returns {Row} */ (soup) => [
				`${JSON.stringify(soup)} in the ${name} of 50 parts`,
				15,
				'× 128 bytes',
				(n) => {
					const header = `${name}: <a${kilobytes(soup, n / 8)}b>`;
					const { body } = multipart(`${DELIMITER}\r\n${header}\r\n\r\nx\r\n`.repeat(50));
					return { headers: { 'content-type': `${RELATED['content-type']}; start="<root>"` }, body };
				},
			],
		),
	),
];

/** @type {Row[]} */
const NOT_XML = [
	...['<!--', '<![CDATA[', '<?', '<!', '<', '&', '<a ', '<a x="', '</', '<TransactionID '].map(
		/** @returns {Row} */ (opener) => [
			`\`${opener}\` never closed`,
			1000,
			'openers',
			(n) => ({ body: Buffer.from(`<env:Envelope xmlns:env="${SOAP}"><env:Body>${opener.repeat(n)}`) }),
		],
	),
	['one `<!` that never ends', 16, 'KB', (n) => xml({ before: `<!${kilobytes('x', n)}` })],
];

/** @type {Row[]} */
const NOT_MIME = [
	[
		'line breaks in a preamble, no boundary declared',
		512,
		'KB',
		(n) => ({ headers: { 'content-type': 'multipart/related' }, body: Buffer.from(`x${kilobytes('\r\n', n)}`) }),
	],
	['quoted-printable of only `=`', 128, 'KB', (n) => encoded('quoted-printable', kilobytes('=', n))],
];

/** Every place in a document where a value may be long, filled with text that a parser stops at or searches for. */
const DOCUMENTS = Object.entries({
	text: (/** @type {string} */ soup) => report({ inside: `<StatusText>${soup}</StatusText>` }),
	'an attribute': (/** @type {string} */ soup) => report({ inside: `<x y='${soup}'/>` }),
	'a comment': (/** @type {string} */ soup) => report({ inside: `<!--${soup}!-->` }),
	CDATA: (/** @type {string} */ soup) => report({ inside: `<x><![CDATA[${soup}]]></x>` }),
	'an unclosed tag to repair': (/** @type {string} */ soup) =>
		report({ inside: `<StatusText>&<x${soup}</StatusText>` }),
}).flatMap(([place, xmlWith]) =>
	[' ', '\t', '\n', '\r', '\u00a0', '.', ':', '=', '"', ']', '?', '/', '&#9;'].map(
		/** @returns {Shape} */ (soup) => ({
			name: `${JSON.stringify(soup)} in ${place}`,
			// larger ones overflow V8's young generation, which looks like growth; 8192 references are allowed
			size: soup.length === 1 ? 16 : 3,
			unit: 'KB',
			// a name this long is rejected
			outcome: place.startsWith('an unclosed') && '.:="]?&#9;'.includes(soup) ? 'ERR_MM7_XML' : 'report',
			input: (n) => ({ body: Buffer.from(xmlWith(kilobytes(soup, n))) }),
		}),
	),
);

/** @param {string} outcome @param {Row[]} rows @returns {Shape[]} */
const shapes = (outcome, rows) => rows.map(([name, size, unit, input]) => ({ name, size, unit, outcome, input }));

export const SHAPES = [
	...shapes('report', REPORTS),
	...shapes('ERR_MM7_XML', NOT_XML),
	...shapes('ERR_MM7_MIME', NOT_MIME),
	...DOCUMENTS,
];
