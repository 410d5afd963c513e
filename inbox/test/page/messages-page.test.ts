import { expect } from 'chai';
import { renderToStaticMarkup } from 'preact-render-to-string';
import { MessagesPage, type MessagesView } from '../../lib/page/views/messages-page.js';

/** The number of messages that a page of the list announces. */
function titleOf(view: Partial<MessagesView>, rows: number): string | undefined {
	const row = {
		...{ key: 'a-1', reportId: '1', at: new Date(), state: 'delivered' as const, mmStatus: 'Retrieved' },
		...{ messageId: 'a', recipient: '1', sender: null, operator: null, statusText: null },
		...{ transactionId: 't', reference: null, provider: 'default' },
	};
	const none = { count: 0, more: false };
	const page = MessagesPage({
		...{ filters: {}, position: undefined, hasOlder: false, newer: none, hits: none, givenUp: [], pageSize: 50 },
		choices: { mmStatus: [], sender: [], operator: [], provider: [] },
		messages: Array.from({ length: rows }, () => row),
		...view,
	});
	return /<h2 id="list-title">([^<]*)/.exec(renderToStaticMarkup(page))?.[1];
}

describe('the title of a list', () => {
	it('is the position and the number of messages', () => {
		expect(titleOf({ hits: { count: 3, more: false } }, 3)).to.equal('3 messages');
		expect(titleOf({ hits: { count: 1, more: false } }, 1)).to.equal('1 message');
		const older = { newer: { count: 50, more: false }, hits: { count: 188_000, more: false }, hasOlder: true };
		expect(titleOf(older, 50)).to.equal('51–100 of 188,000 messages');
		expect(titleOf({ hits: { count: 20_000, more: true }, hasOlder: true }, 50)).to.equal(
			'1–50 of more than 20,000 messages',
		);
	});

	it('is never less than what is listed, however early the counting was given up', () => {
		expect(titleOf({ hits: { count: 0, more: true }, hasOlder: true }, 50)).to.equal('1–50 of more than 50 messages');
		expect(titleOf({ hits: { count: 7, more: true } }, 9)).to.equal('9 messages');
	});
});
