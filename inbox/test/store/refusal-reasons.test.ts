import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { describeReason, isAlarming, providerReaction } from '../../lib/store/refusal-reasons.js';

const ERRORS = readFileSync(path.join(__dirname, '../../../docs/errors.md'), 'utf8');
/** Codes of requests that do not get an error. */
const NOT_REFUSED = ['ERR_MM7_STORE_FAILED', 'ERR_MM7_NOT_DELIVERED', 'ERR_MM7_ALREADY_ANSWERED', 'ERR_MM7_HOOK'];

describe('the reasons for refusing requests', () => {
	for (const [, code = '', response = ''] of ERRORS.matchAll(/^### (ERR_MM7_\w+)\n\n(.+)$/gm)) {
		if (NOT_REFUSED.includes(code) || code === 'ERR_MM7_ALLOW_FROM_UNSET') continue;
		it(`have words for ${code}, and the response in docs/errors.md`, () => {
			const [, status] = /^HTTP (?:clientFaultStatus \()?(\d+)/.exec(response) ?? [];
			const { title, advice, http } = describeReason(code);
			expect(title).not.to.include('HTTP');
			expect(advice).to.match(/\.$/);
			expect(http).to.equal(status === undefined ? undefined : Number(status));
		});
	}

	it('have words for everything that Node.js rejects', () => {
		expect(describeReason('HPE_ANYTHING')).to.include({ http: 400, title: 'The request is not valid HTTP' });
		expect(describeReason('toString')).to.equal(describeReason('HPE_ANYTHING'));
	});

	it('raise no alarm if the request is not a report', () => {
		for (const reason of ['NOT_FOUND', 'ERR_MM7_METHOD_NOT_ALLOWED', 'HPE_INVALID_METHOD', 'OTHER_OPERATION']) {
			expect(isAlarming(reason), reason).to.equal(false);
		}
		for (const reason of ['WRONG_PATH', 'ERR_MM7_UNAUTHORIZED', 'ERR_MM7_OPERATION', 'HPE_INVALID_HEADER_TOKEN']) {
			expect(isAlarming(reason), reason).to.equal(true);
		}
	});

	it('say what the provider does next', () => {
		expect(providerReaction(200, 4004)).to.include('is final');
		expect(providerReaction(200, 1000)).to.include('does not send');
		expect(providerReaction(500, 4004)).to.include('HTTP 500 and retries');
		expect(providerReaction(408, 4006)).to.include('and retries');
		expect(providerReaction(401, 4001)).to.include('Some providers give up');
		expect(providerReaction(undefined)).to.include('no response, so it retries');
	});
});
