import { expect } from 'chai';
import { failureReason } from '../../lib/store/failure-reason.js';

describe('the reason of a failure', () => {
	const REASONS: Readonly<Record<string, string>> = {
		'Blocked by operator': 'Blocked by operator',
		'Error 4007:\n  content refused': 'Error 4007: content refused',
		'+1 (201) 555-0123 is off': '… is off',
		'12015550123 unreachable (48001234567)': '… unreachable (…)',
		'Message 550e8400-e29b-11d4-a716-446655440000 expired': 'Message … expired',
		'id=a1b2c3d4e5f6a7b8c9, retries: 5': 'id=…, retries: 5',
		'No mailbox <joe@example.net>, or joe.bloggs@example.net': 'No mailbox <…>, or …',
		'HTTP/1.1 503': 'HTTP/1.1 503',
		'': '',
	};
	for (const [text, reason] of Object.entries(REASONS)) {
		it(`of ${JSON.stringify(text)} is ${JSON.stringify(reason)}`, () => expect(failureReason(text)).to.equal(reason));
	}

	it('is short', () => {
		expect(failureReason('x '.repeat(10_000))).to.have.lengthOf(80);
		expect(failureReason(undefined)).to.equal('');
	});
});
