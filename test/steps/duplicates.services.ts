import KeyvRedis from '@keyv/redis';
import { expect } from 'chai';
import Keyv from 'keyv';
import request from 'supertest';
import { type DeliveryReport, duplicateKey, type Options } from '../../lib/index.js';
import { RedisServer } from '../support/redis.js';
import { reportXml } from '../support/report.js';
import { app, Exchanges } from '../support/server.js';

/** A receiver with its own store on the Redis server, as in one of several processes. */
function receiver(url: string, options: Options['deduplicate'] & object = {}) {
	const redis = new KeyvRedis(url, { throwOnErrors: true, throwOnConnectError: false });
	const store = new Keyv({ store: redis, namespace: 'mm7', throwOnErrors: true });
	store.on('error', () => undefined);
	const reports: DeliveryReport[] = [];
	const exchanges = new Exchanges();
	const handler = (report: DeliveryReport) => {
		reports.push(report);
	};
	const application = app(handler, { deduplicate: { store, ...options }, onExchange: exchanges.add });
	const send = (transactionId: string) =>
		request(application).post('/mm7').type('xml').send(reportXml({ transactionId }));
	const close = () => {
		// an unused client was never opened
		if (redis.client.isOpen) redis.client.destroy();
	};
	return { send, reports, exchanges, store, close };
}

describe('deduplicate with Redis through Keyv', () => {
	let redis: RedisServer;
	let one: ReturnType<typeof receiver>;
	let other: ReturnType<typeof receiver>;

	beforeEach(async () => {
		redis = await RedisServer.start();
		one = receiver(redis.url);
		other = receiver(redis.url);
	});
	afterEach(async () => {
		one.close();
		other.close();
		await redis.stop();
	});

	it('handles a report once in several processes', async () => {
		await one.send('1').expect(200);
		await one.exchanges.number(1);
		await other.send('1').expect(200);
		await other.send('2').expect(200);
		await other.exchanges.number(2);
		expect(one.reports.map(({ transactionId }) => transactionId)).to.deep.equal(['1']);
		expect(other.reports.map(({ transactionId }) => transactionId)).to.deep.equal(['2']);
		expect(other.exchanges.all.map(({ duplicate }) => duplicate)).to.deep.equal([true, false]);
	});

	it('forgets a report after the time to live', async () => {
		const brief = receiver(redis.url, { ttl: 1 });
		await brief.send('1').expect(200);
		await brief.exchanges.number(1);
		const key = duplicateKey(brief.reports[0] as DeliveryReport);
		while ((await brief.store.get(key)) !== undefined) await new Promise(setImmediate);
		await brief.send('1').expect(200);
		expect(brief.reports).to.have.length(2);
		brief.close();
	});

	it('handles reports while Redis is down, and reports the error', async () => {
		await one.send('1').expect(200);
		await one.exchanges.number(1);
		await redis.stop();
		await one.send('2').expect(200);
		const exchange = await one.exchanges.number(2);
		expect(exchange.storeError?.code).to.equal('ERR_MM7_STORE_FAILED');
		expect(one.reports).to.have.length(2);
	});

	it('handles reports while Redis hangs, within storeTimeout', async () => {
		const patient = receiver(redis.url, { storeTimeout: 100 });
		await patient.send('1').expect(200);
		await patient.exchanges.number(1);
		redis.pause();
		await patient.send('2').expect(200);
		const exchange = await patient.exchanges.number(2);
		expect(exchange.storeError?.code).to.equal('ERR_MM7_STORE_FAILED');
		expect(exchange.durationMs).to.be.below(5000);
		redis.resume();
		await patient.send('2').expect(200);
		patient.close();
	});
});
