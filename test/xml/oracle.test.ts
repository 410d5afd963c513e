import { expect } from 'chai';
import fc from 'fast-check';
import { xmlDocument } from '../support/xml-documents.js';
import { oracleReading, ourReading } from '../support/xml-oracle.js';

/** Well-formed input that may be rejected: the parser cannot handle it, and no sender needs it. */
const REFUSED = [
	/\?\?>/, // the end of an instruction, or text that looks like it
	/<\s*!(?!--|\[CDATA\[)/, // in a comment, in CDATA
	/<\/?\u{10000}|\s\u{10000}a\s*=/u, // names outside the Basic Multilingual Plane
];

describe('any document', () => {
	it('is read as another parser reads it if it is well-formed, or rejected for a known reason', () => {
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
