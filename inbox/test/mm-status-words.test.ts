import { expect } from 'chai';
import { readMarkdown, tableUnder } from '../../test/support/markdown.js';
import { describeMmStatus, MM_STATUS_WORDS } from '../lib/mm-status-words.js';

describe('the words for an MMStatus', () => {
	it('are those of docs/sinch.md', () => {
		const rows = tableUnder(readMarkdown('docs/sinch.md'), 'What each MMStatus means');
		expect(rows).to.deep.equal(MM_STATUS_WORDS.map(([words, ...texts]) => [words.join(', '), ...texts]));
	});

	it('are found in any spelling', () => {
		for (const word of ['Retrieved', 'retrieved', 'RETRIEVED', 'not_supported', 'Delivery Condition Not Met']) {
			expect(describeMmStatus(word), word).to.have.property('meaning');
		}
		for (const word of ['', 'Lost', 'constructor']) expect(describeMmStatus(word), word).to.equal(undefined);
	});

	it('exist for every word that Sinch documents', () => {
		const sinch = 'Deferred Expired Forwarded Indeterminate NotSupported Rejected Retrieved Unreachable Unrecognized';
		for (const word of sinch.split(' ')) expect(describeMmStatus(word), word).to.have.property('advice');
	});
});
