import { expect } from 'chai';
import { deliveryReportRequest } from 'mm7-delivery-reports/testing';
import { compressXml, decompressXml } from '../../lib/store/xml-codec.js';

describe('stored XML', () => {
	const texts = ['', '<a/>', 'Zugestellt ✓ 😀 \0', 'x'.repeat(1_000_000), deliveryReportRequest({}).body.toString()];

	it('is unchanged when read', () => {
		for (const text of texts) {
			const { bytes, dictionary } = compressXml(text);
			expect(decompressXml(bytes, dictionary)).to.equal(text);
		}
	});

	it('of a typical report is compressed to a tenth of its size', () => {
		const xml = deliveryReportRequest({ messageId: '480000000000000017', transactionId: '2026031614035174' }).body;
		expect(compressXml(xml.toString()).bytes.length).to.be.below(xml.length / 7);
	});

	it('of a newer inbox is rejected instead of misread', () => {
		expect(() => decompressXml(compressXml('<a/>').bytes, 99)).to.throw('dictionary 99');
	});
});
