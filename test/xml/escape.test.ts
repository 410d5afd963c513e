import { expect } from 'chai';
import fc from 'fast-check';
import { escapeXml, unescapeXml } from '../../lib/xml/escape.js';
import { parseXml } from '../../lib/xml/parse.js';

const LIMITS = { elements: 2, depth: 2, attributes: 1 };

describe('escapeXml', () => {
	it('escapes what would be markup, and line breaks, which parsing would change', () => {
		expect(escapeXml(`<a b="c" d='e'>&\r\n\t`)).to.equal(
			'&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;&#13;&#10;&#9;',
		);
	});

	it('replaces what XML cannot hold with U+FFFD, and keeps all other characters', () => {
		expect(escapeXml('\0\u0001\u000b\ufffe\ud800')).to.equal('\ufffd'.repeat(5));
		for (const character of ['\0', '\u001f', '\ufffe', '\uffff', '\ud800', '\udfff']) {
			expect(escapeXml(`a${character}`), character.charCodeAt(0).toString(16)).to.equal('a\ufffd');
		}
		expect(escapeXml('é 用 😀 \u007f')).to.equal('é 用 😀 \u007f');
	});

	it('preserves any text as text and as attribute', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (text) => {
				const escaped = escapeXml(text);
				const element = parseXml(`<x><a b="${escaped}">${escaped}</a></x>`, LIMITS).children[0];
				// biome-ignore lint/suspicious/noControlCharactersInRegex: what XML cannot hold
				const expected = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd');
				expect(element?.text).to.equal(expected);
				expect(element?.attributes.get('b')).to.equal(expected);
			}),
		);
	});
});

describe('unescapeXml', () => {
	it('reverses escapeXml', () => {
		const text = 'a&b<c>"d\'e\r\n\t漢🙂 &amp;';
		expect(unescapeXml(escapeXml(text))).to.equal(text);
	});

	it('reads numbers in both notations, also of the halves of one character', () => {
		expect(unescapeXml('&#65;&#x42;&#X43;&#x1F642;&#xD83D;&#xDE00;')).to.equal('ABC🙂😀');
	});

	it('keeps what is not a reference, and replaces a number that is too large with U+FFFD', () => {
		expect(unescapeXml('AT&T &nbsp; &;&#;&#x;&#xG; & ')).to.equal('AT&T &nbsp; &;&#;&#x;&#xG; & ');
		expect(unescapeXml('&#x110000;&#9999999;')).to.equal('\ufffd\ufffd');
	});
});
