import { expect } from 'chai';
import fc from 'fast-check';
import { repairMarkup } from '../../lib/xml/repair.js';

describe('repairMarkup', () => {
	it('escapes & and < that start nothing, and references that XML does not define', () => {
		expect(repairMarkup('<a>5 < 6 & 7 <- A&B; &nbsp;&lt; &#65; &#x41; <</a>')).to.equal(
			'<a>5 &lt; 6 &amp; 7 &lt;- A&amp;B; &amp;nbsp;&lt; &#65; &#x41; &lt;</a>',
		);
	});

	it('replaces references to no character with U+FFFD', () => {
		expect(repairMarkup('<a>&#0;&#xD800;&#x110000;&#xFFFE;&#10;</a>')).to.equal('<a>\ufffd\ufffd\ufffd\ufffd&#10;</a>');
	});

	it('turns two references to the UTF-16 halves of a character into the character', () => {
		expect(repairMarkup('<a b="&#xD83D;&#xDE00;">&#55357;&#56832;</a>')).to.equal('<a b="\u{1f600}">\u{1f600}</a>');
		expect(repairMarkup('<a>&#xD83D;&#xD83D;&#xDE00;&#xDE00;&#xD83D; &#xDE00;&#xD83D;&amp;</a>')).to.equal(
			'<a>\ufffd\u{1f600}\ufffd\ufffd \ufffd\ufffd&amp;</a>',
		);
	});

	it('escapes a < before a name that is not a tag', () => {
		expect(repairMarkup('<a>Joe <joe@example.net></a>')).to.equal('<a>Joe &lt;joe@example.net></a>');
		expect(repairMarkup('<a>a <b and c</a>')).to.equal('<a>a &lt;b and c</a>');
	});

	it('leaves tags, comments, CDATA sections and processing instructions unchanged', () => {
		const xml = '<?xml a & < ?><a:b c="d" ><!-- & < --><![CDATA[& <]]><é/><e/></a:b >';
		expect(repairMarkup(xml)).to.equal(xml);
		expect(repairMarkup('<a><!-- & < never closed')).to.equal('<a><!-- & < never closed');
	});

	it('never fails, and is idempotent', () => {
		const pieces = fc.constantFrom(...'<&>a/ #;1', '<!--', '-->', '<![CDATA[', ']]>', '&amp;');
		fc.assert(
			fc.property(fc.array(pieces), (parts) => {
				const once = repairMarkup(parts.join(''));
				expect(repairMarkup(once)).to.equal(once);
			}),
		);
	});
});
