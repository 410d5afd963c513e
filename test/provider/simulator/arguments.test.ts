import { expect } from 'chai';
import { UsageError } from '../../../lib/provider/command-line.js';
import { parseArguments } from '../../../lib/provider/simulator/arguments.js';

const URL_TO_SEND_TO = 'http://localhost:3000/mm7';

function simulationOf(...args: string[]) {
	return parseArguments([URL_TO_SEND_TO, ...args], 99).simulation;
}

describe('parseArguments', () => {
	it('acts as Sinch if there is only a URL', () => {
		expect(parseArguments([URL_TO_SEND_TO], 99)).to.deep.equal({
			json: false,
			strict: false,
			simulation: {
				url: new URL(URL_TO_SEND_TO),
				authorization: undefined,
				count: 10,
				concurrency: 10,
				form: 'bare',
				version: '6.8.0',
				statuses: ['Retrieved'],
				timeout: 10_000,
				retryAfter: 300_000,
				retries: 5,
				duplicates: 0,
				outOfOrder: 0,
				readReplies: 0,
				silent: 0,
				registry: undefined,
				seed: 99,
			},
		});
	});

	it('reads every option', () => {
		const options =
			'--count 1000 --concurrency 20 --form multipart --mm7-version 5.3.0 --status Retrieved,Expired --user u:p:q ' +
			'--timeout 1.5s --retry-after 2m --retries 0 --duplicates 5% --out-of-order 30% --read-replies 25% --silent 2% ' +
			'--register http://inbox:3000/path --token secret --seed 7 --strict --json';
		expect(parseArguments([URL_TO_SEND_TO, ...options.split(' ')], 99)).to.deep.equal({
			json: true,
			strict: true,
			simulation: {
				url: new URL(URL_TO_SEND_TO),
				authorization: `Basic ${Buffer.from('u:p:q').toString('base64')}`,
				count: 1000,
				concurrency: 20,
				form: 'multipart',
				version: '5.3.0',
				statuses: ['Retrieved', 'Expired'],
				timeout: 1500,
				retryAfter: 120_000,
				retries: 0,
				duplicates: 0.05,
				outOfOrder: 0.3,
				readReplies: 0.25,
				silent: 0.02,
				registry: { url: new URL('http://inbox:3000/path'), token: 'secret' },
				seed: 7,
			},
		});
	});

	it('reads credentials from the URL, unless --user is given', () => {
		const address = 'https://jo%40example:s%3Acret@example.com/mm7';
		const read = (...args: string[]) => parseArguments([address, ...args], 1).simulation;
		expect(read().url.href).to.equal('https://example.com/mm7');
		expect(read().authorization).to.equal(`Basic ${Buffer.from('jo@example:s:cret').toString('base64')}`);
		expect(read('--user', 'a:b').authorization).to.equal(`Basic ${Buffer.from('a:b').toString('base64')}`);
	});

	it('reads times in all units', () => {
		expect(simulationOf('--timeout', '250ms').timeout).to.equal(250);
		expect(simulationOf('--timeout', '10s').timeout).to.equal(10_000);
		expect(simulationOf('--timeout', '0.5h').timeout).to.equal(1_800_000);
	});

	const MISTAKES: [string, string[], string][] = [
		['no URL', [], 'URL is missing'],
		['a URL without scheme', ['localhost:3000'], '"localhost:3000" is not an http or https URL'],
		['a URL with another scheme', ['ftp://example.com/'], '"ftp://example.com/" is not an http or https URL'],
		['two URLs', ['http://a/', 'http://b/'], 'only one URL is expected, not also "http://b/"'],
		['a mistyped option', ['http://a/', '--coutn', '5'], 'unknown option --coutn; did you mean count?'],
		['an option without its value', ['http://a/', '--count'], "Option '--count <value>' argument missing"],
		['zero messages', ['http://a/', '--count', '0'], '--count must be a whole number from 1 to 1000000000, not "0"'],
		['half a request', ['http://a/', '--concurrency', '1.5'], '--concurrency must be a whole number from 1 to 1000'],
		['an unknown form', ['http://a/', '--form', 'json'], '--form must be one of xml, multipart, bare, not "json"'],
		['an unknown version', ['http://a/', '--mm7-version', '7'], '--mm7-version must be one of 5.3.0, 6.8.0, not "7"'],
		['an empty status', ['http://a/', '--status', 'Retrieved,'], '--status must be one MMStatus'],
		['a time without unit', ['http://a/', '--timeout', '10'], '--timeout must be a time such as 500ms, 10s or 5m'],
		['a time that is too long for a timer', ['http://a/', '--retry-after', '999999h'], '--retry-after must be a time'],
		['a share that is not a percentage', ['http://a/', '--duplicates', '0.05'], '--duplicates must be a percentage'],
		['more than 100%', ['http://a/', '--duplicates', '101%'], '--duplicates must be a percentage'],
		[
			'a registry without its token',
			['http://a/', '--register', 'http://b/'],
			'--register and --token need each other',
		],
		['a registry without scheme', ['http://a/', '--register', 'b', '--token', 'c'], '"b" is not an http or https URL'],
		['a user without password', ['http://a/', '--user', 'u'], '--user must be name:password'],
	];
	for (const [mistake, args, message] of MISTAKES) {
		it(`rejects ${mistake} in one line`, () => {
			expect(() => parseArguments(args, 1))
				.to.throw(UsageError, message)
				.with.property('message')
				.not.include('\n');
		});
	}
});
