import { expect } from 'chai';
import { readConfig } from '../lib/config.js';
import { greeting } from '../lib/greeting.js';

describe('greeting', () => {
	const urlsOf = (text: string) => text.match(/http:\/\/[^\s']+/g);

	it('shows the address of the machine to the provider if the inbox listens on all', () => {
		const text = greeting(readConfig({ HOST: '0.0.0.0' }), undefined, 3000, '/?token=x', ['SQLite']);
		const [page, provider, curl] = urlsOf(text) ?? [];
		expect([page, curl]).to.deep.equal(['http://localhost:3000/?token=x', 'http://localhost:3000/mm7']);
		expect(provider)
			.to.match(/^http:\/\/.+:3000\/mm7$/)
			.and.not.match(/localhost|127\.0\.0\.1|0\.0\.0\.0/);
	});

	it('shows the URL of each provider', () => {
		const text = greeting(readConfig({ PROVIDERS: 'sinch' }), undefined, 3000, '/', ['SQLite']);
		expect(text).to.match(
			/URL for the provider: +http:\/\/127\.0\.0\.1:3000\/mm7 .*\nURL for sinch: +http:\/\/127\.0\.0\.1:3000\/mm7\/sinch /,
		);
	});

	it('does not show a token that the operator has set', () => {
		const token = 'x'.repeat(20);
		const text = greeting(readConfig({ PAGE_TOKEN: token }), undefined, 3000, `/?token=${token}`, ['SQLite']);
		expect(text).to.include('http://127.0.0.1:3000/?token=$PAGE_TOKEN').and.not.include(token);
	});

	it('shows only the metrics of a worker', () => {
		const text = greeting(readConfig({ HOST: '::1' }), 'work', 3001, '/?token=x', ['RabbitMQ', 'SQLite']);
		expect(urlsOf(text)).to.deep.equal(['http://[::1]:3001/metrics?token=x']);
		expect(text).to.include('RabbitMQ, then SQLite');
	});
});
