import { expect } from 'chai';
import fc from 'fast-check';
import { escapeXml, unescapeXml } from '../../lib/xml/escape.js';
import { parseXml } from '../../lib/xml/parse.js';

const LIMITS = { elements: 2, depth: 2, attributes: 1 };

describe('escapeXml', () => {
	it('escapes markup, and line breaks, which parsers normalize', () => {
		expect(escapeXml(`<a b="c" d='e'>&\r\n\t`)).to.equal(
			'&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&#13;&#10;&#9;',
		);
	});

	it('replaces characters that XML forbids with U+FFFD', () => {
		expect(escapeXml('\0\u0001\u000b\u001f\ufffe\uffff\udfff\ud800')).to.equal('\ufffd'.repeat(8));
	});

	it('preserves any text as text and as attribute', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (text) => {
				const escaped = escapeXml(text);
				const element = parseXml(`<x><a b="${escaped}">${escaped}</a></x>`, LIMITS).children[0];
				// biome-ignore lint/suspicious/noControlCharactersInRegex: the characters that XML forbids
				const expected = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
				expect(element?.text).to.equal(expected);
				expect(element?.attributes.get('b')).to.equal(expected);
			}),
		);
	});
});

describe('unescapeXml', () => {
	it('reads decimal and hexadecimal references, including UTF-16 halves', () => {
		expect(unescapeXml('&#65;&#x42;&#X43;&#x1F642;&#xD83D;&#xDE00;')).to.equal('ABC🙂😀');
	});

	it('keeps text that is not a reference, and replaces references to numbers that are too large with U+FFFD', () => {
		expect(unescapeXml('AT&T &nbsp; &;&#;&#x;&#xG; & ')).to.equal('AT&T &nbsp; &;&#;&#x;&#xG; & ');
		expect(unescapeXml('&#x110000;&#9999999;')).to.equal('\ufffd\ufffd');
	});
});
