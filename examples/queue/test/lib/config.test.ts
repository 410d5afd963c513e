import { expect } from 'chai';
import { readConfig } from '../../lib/config.js';

describe('config', () => {
	it('is complete without any variable', () => {
		expect(readConfig({})).to.include({
			PORT: 3000,
			HOST: '127.0.0.1',
			DUPLICATE_WINDOW_MS: 60 * 60_000,
			HANDLER_TIMEOUT_MS: 8_000,
			PUBLISH_TIMEOUT_MS: 4_000,
		});
	});

	it('takes numbers from text, and leaves other variables alone', () => {
		expect(readConfig({ RECEIVERS: '4', REPLICAS: '3', PATH: '/bin' })).to.include({ RECEIVERS: 4, REPLICAS: 3 });
	});

	it('takes an empty variable for an absent one', () => {
		expect(readConfig({ NATS_URL: '', PORT: '' }))
			.to.include({ PORT: 3000 })
			.and.not.have.property('NATS_URL');
	});

	for (const [name, value] of [
		['PORT', '65536'],
		['PORT', '-1'],
		['PORT', ' 80'],
		['WORKERS', '0'],
		['WORKERS', '1.5'],
		['RECEIVERS', 'many'],
		['REPLICAS', '2'],
		['ACK_WAIT_MS', '0x10'],
		['HANDLER_TIMEOUT_MS', '10000'],
	] as const) {
		it(`refuses ${name}=${value} by name`, () => {
			expect(() => readConfig({ [name]: value })).to.throw(Error, name);
		});
	}

	it('refuses a duplicate window that ends before the last copy of the provider comes', () => {
		expect(() => readConfig({ DUPLICATE_WINDOW_MS: String(25 * 60_000) })).to.throw(Error, 'DUPLICATE_WINDOW_MS');
	});

	it('refuses a time for storing that leaves none for the answer', () => {
		expect(() => readConfig({ PUBLISH_TIMEOUT_MS: '7000' })).to.throw(Error, 'PUBLISH_TIMEOUT_MS');
		expect(() => readConfig({ HANDLER_TIMEOUT_MS: '4000' })).to.throw(Error, 'PUBLISH_TIMEOUT_MS');
	});

	it('names every bad variable at once', () => {
		const read = () => readConfig({ PORT: 'x', WORKERS: 'y' });

		expect(read).to.throw(Error, 'PORT');
		expect(read).to.throw(Error, 'WORKERS');
	});
});
