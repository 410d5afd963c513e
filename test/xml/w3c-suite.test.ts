import { expect } from 'chai';
import { oracleReading, ourReading } from '../support/xml-oracle.js';
import { suiteDocuments } from '../support/xml-suite.js';

/** Well-formed documents that are rejected because the parser lacks a feature that no sender needs. */
const REFUSED: Readonly<Record<string, string>> = {
	'valid-sa-017a': 'a processing instruction that ends in "??>"',
	'x-rmt5-016': 'names of characters beyond the basic plane',
	'x-rmt5-019': 'names of characters beyond the basic plane',
};

const ESCAPING = 'an unescaped & or < is text: some senders never escape';
const DECLARATION = 'a document is not rejected for its XML declaration: templates get it wrong';
const CHARACTERS = 'characters that XML forbids are read as U+FFFD: senders cut texts anywhere';
const HARMLESS = 'there is only one way to read it';

/** Malformed documents that are accepted: the oracle's complaint, and why they are accepted. */
const LENIENCIES: readonly (readonly [complaint: RegExp, reason: string])[] = [
	[/^Missing end tag for element (doc|html) /, ESCAPING],
	[/^Unclosed start tag for element/, ESCAPING],
	[/^Unterminated reference/, ESCAPING],
	[/^Named entity isn't defined/, ESCAPING],
	[/^Invalid character reference/, ESCAPING],
	[/^Unescaped `<` is not allowed in an attribute value/, ESCAPING],
	[/^Element content may not contain the CDATA section close/, ESCAPING],
	[/^Invalid character( \(|$)/m, CHARACTERS],
	[/^Character reference resolves to an invalid character/, CHARACTERS],
	[/^XML version is missing or invalid/, DECLARATION],
	[/^Invalid or unclosed XML declaration/, DECLARATION],
	[/^XML declaration isn't allowed here/, DECLARATION],
	[/^Invalid character in (version number|encoding name)/, DECLARATION],
	[/^Only "yes" and "no" are permitted as values of `standalone`/, DECLARATION],
	[/^Missing end quote/, DECLARATION],
	[/^Whitespace is required after a processing instruction name/, HARMLESS],
	[/^Invalid processing instruction/, HARMLESS],
	[/^Duplicate attribute/, 'the first one wins'],
	[/^Value of the `xml:space` attribute/, HARMLESS],
	[/^Root element is missing or invalid/, HARMLESS],
	[/^Extra content at the end of the document/, HARMLESS],
];

describe('the XML test suite of the W3C', () => {
	const readings = suiteDocuments().map(({ id, xml, raw }) => ({
		id,
		ours: ourReading(xml),
		oracle: oracleReading(raw),
	}));

	it('has hundreds of well-formed and malformed documents', () => {
		expect(readings.filter(({ oracle }) => 'tree' in oracle)).to.have.length.above(300);
		expect(readings.filter(({ oracle }) => 'refusal' in oracle)).to.have.length.above(400);
	});

	it('is read as another parser reads it if it is well-formed, except for the documents listed as rejected', () => {
		const refused: string[] = [];
		for (const { id, ours, oracle } of readings) {
			if ('refusal' in oracle) continue;
			if ('refusal' in ours) refused.push(id);
			else expect(ours.tree, id).to.deep.equal(oracle.tree);
		}
		expect(refused).to.deep.equal(Object.keys(REFUSED));
	});

	it('is rejected if it is malformed, except for the listed leniencies', () => {
		const unused = new Set(LENIENCIES);
		for (const { id, ours, oracle } of readings) {
			if ('tree' in oracle || 'refusal' in ours) continue;
			const leniency = LENIENCIES.find(([complaint]) => complaint.test(oracle.refusal.message));
			expect(leniency, `${id}: ${oracle.refusal.message}`).not.to.equal(undefined);
			unused.delete(leniency as (typeof LENIENCIES)[number]);
		}
		expect([...unused]).to.deep.equal([]);
	});
});
