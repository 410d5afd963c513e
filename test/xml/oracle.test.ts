import { expect } from 'chai';
import fc from 'fast-check';
import { xmlDocument } from '../support/xml-documents.js';
import { oracleReading, ourReading } from '../support/xml-oracle.js';

/** What may be refused though it is well-formed: what the parser cannot do, and no sender needs. */
const REFUSED = [
	/\?\?>/, // the end of an instruction, or what looks like it
	/<\s*!(?!--|\[CDATA\[)/, // in a comment, in CDATA
	/<\/?\u{10000}|\s\u{10000}a\s*=/u, // names beyond the basic plane
];

describe('any document', () => {
	it('is read as by another parser where it is well-formed, or refused for a reason', () => {
		let read = 0;
		const property = fc.property(xmlDocument, (xml) => {
			const oracle = oracleReading(xml);
			if ('refusal' in oracle) return;
			const ours = ourReading(xml);
			if ('tree' in ours) {
				read++;
				expect(ours.tree).to.deep.equal(oracle.tree);
			} else {
				expect(
					REFUSED.some((reason) => reason.test(xml)),
					ours.refusal.message,
				).to.equal(true);
			}
		});
		fc.assert(property);
		expect(read).to.be.above(10);
	});
});
