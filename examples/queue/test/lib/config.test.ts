import path from 'node:path';
import { expect } from 'chai';
import { readConfig } from '../../lib/config.js';

describe('config', () => {
	it('is complete without any variable', () => {
		expect(readConfig({})).to.include({
			NODES: 1,
			PAGE_PORT: 3001,
			HANDLER_TIMEOUT_MS: 8_000,
			PUBLISH_TIMEOUT_MS: 4_000,
			RABBITMQ_DIR: path.join(__dirname, '..', '..', 'data'),
		});
	});

	it('takes numbers from text, and leaves other variables alone', () => {
		expect(readConfig({ RECEIVERS: '4', NODES: '3', PATH: '/bin' })).to.include({ RECEIVERS: 4, NODES: 3 });
	});

	it('takes a blank variable for an absent one', () => {
		expect(readConfig({ RABBITMQ_URL: ' ', PAGE_PORT: '' }))
			.to.include({ PAGE_PORT: 3001 })
			.and.not.have.property('RABBITMQ_URL');
	});

	it('takes the nodes of a cluster', () => {
		const { RABBITMQ_URL } = readConfig({ RABBITMQ_URL: 'amqps://u:p@one:5671/mm7, amqps://u:p@two:5671/mm7' });

		expect(RABBITMQ_URL).to.deep.equal(['amqps://u:p@one:5671/mm7', 'amqps://u:p@two:5671/mm7']);
	});

	it('refuses what is no URL of RabbitMQ, and quotes no password', () => {
		for (const url of ['http://u:secret@host', 'amqp://u:p@one,two', 'rabbit']) {
			expect(() => readConfig({ RABBITMQ_URL: url }))
				.to.throw(Error, 'RABBITMQ_URL')
				.and.have.property('message')
				.that.does.not.include('secret');
		}
	});

	for (const [name, value] of [
		['PAGE_PORT', '65536'],
		['PAGE_PORT', '-1'],
		['WORKERS', '0'],
		['WORKERS', '1.5'],
		['RECEIVERS', 'many'],
		['NODES', '2'],
		['PREFETCH', '0x10'],
		['MAX_BACKOFF_MS', '1800000'],
		['HANDLER_TIMEOUT_MS', '10000'],
	] as const) {
		it(`refuses ${name}=${value} by name`, () => {
			expect(() => readConfig({ [name]: value })).to.throw(Error, name);
		});
	}

	it('refuses a time for storing that leaves none for the answer', () => {
		expect(() => readConfig({ PUBLISH_TIMEOUT_MS: '7000' })).to.throw(Error, 'PUBLISH_TIMEOUT_MS');
		expect(() => readConfig({ HANDLER_TIMEOUT_MS: '4000' })).to.throw(Error, 'PUBLISH_TIMEOUT_MS');
	});

	it('names every bad variable at once', () => {
		const read = () => readConfig({ NODES: 'x', WORKERS: 'y' });

		expect(read).to.throw(Error, 'NODES');
		expect(read).to.throw(Error, 'WORKERS');
	});
});
