import fc from 'fast-check';

/** Generates structured XML: all constructs of a document in valid places, well-formed or nearly so. */
const white = fc.constantFrom(' ', '\t', '\n', '\r', '\r\n', '\n\n', '   ');
const name = fc.constantFrom(
	...['a', 'b', 'Recipient', 'p:a', 'env:Body', 'xmlns', 'xml:lang', '__proto__', 'constructor', 'hasOwnProperty'],
	...['é', '状态', 'a-.7', '_', 'x'.repeat(200), '\u{10000}a'],
);
const character = fc.constantFrom(...'a0 \u00a0\u2028\u0085\ufeffé用😀>]/=?!-\t\n\r');
const reference = fc.constantFrom(
	...['&amp;', '&lt;', '&gt;', '&quot;', '&apos;', '&#9;', '&#10;', '&#13;', '&#xA;', '&#x00D;', '&#0000000009;'],
	...['&#x1F600;'],
);
const misused = fc.constantFrom(
	...['&', '<', '&#0;', '&nbsp;', '&#xD83D;&#xDE00;', '&#xDE00;', ']]>', '\0', '\u0001', '\ufffe'],
);

/** Up to `max` of them, concatenated. */
function joined(maxLength: number, ...pieces: fc.MaybeWeightedArbitrary<string>[]) {
	return fc.array(fc.oneof(...pieces), { maxLength }).map((texts) => texts.join(''));
}

const plain = joined(12, character, white);
const markup = fc.constantFrom('&', '<', '"', "'", '<a>', '&amp;', '<!x', '-->', ']]>', '?>', '??>');
const literal = joined(8, character, white, markup);

const comment = literal.map((text) => `<!--${text}-->`);
const cdata = literal.map((text) => `<![CDATA[${text}]]>`);
const instruction = fc
	.tuple(fc.constantFrom('x', 'xml', 'php'), literal)
	.map(([target, text]) => `<?${target} ${text}?>`);

const attributeValue = joined(
	4,
	{ weight: 5, arbitrary: plain },
	{ weight: 3, arbitrary: reference },
	{ weight: 1, arbitrary: misused },
);
const attribute = fc
	.tuple(white, name, fc.constantFrom('=', ' = ', '\n=\t'), fc.constantFrom('"', "'"), attributeValue)
	.map(([before, key, equals, quote, value]) => `${before}${key}${equals}${quote}${value}${quote}`);
const attributes = fc.uniqueArray(attribute, { maxLength: 4, selector: (text) => text.trim().split(/[\s=]/, 1)[0] });

const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
	content: fc
		.array(
			fc.oneof(
				{ depthSize: 'small', withCrossShrink: true },
				{ weight: 6, arbitrary: plain },
				{ weight: 4, arbitrary: reference },
				{ weight: 2, arbitrary: cdata },
				{ weight: 2, arbitrary: comment },
				{ weight: 2, arbitrary: instruction },
				{ weight: 1, arbitrary: misused },
				{ weight: 6, arbitrary: tie('element') },
			),
			{ maxLength: 6 },
		)
		.map((pieces) => pieces.join('')),
	element: fc
		.tuple(name, attributes, fc.option(white, { nil: '' }), fc.option(tie('content'), { nil: undefined }))
		.map(([tag, list, blank, content]) => {
			const start = `<${tag}${list.join('')}${blank}`;
			return content === undefined ? `${start}/>` : `${start}>${content}</${tag}${blank}>`;
		}),
}));

const outside = joined(3, { weight: 4, arbitrary: white }, comment, instruction);

/** Complete documents, about half of which are well-formed. */
export const xmlDocument = fc
	.tuple(fc.constantFrom('', '', '<?xml version="1.0"?>', '\ufeff'), outside, element, outside)
	.map((pieces) => pieces.join(''));

/** The content of an element, to be put into a report. */
export const xmlContent = element;
