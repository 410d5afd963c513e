import { expect } from 'chai';
import { deliveryReportRequest } from '../../lib/provider/testing/index.js';
import { sendByHttp } from '../support/provider.js';
import { RedisServer } from '../support/redis.js';
import { RunningSample, samples, writeSamples } from '../support/samples.js';

describe('the sample with a shared store', () => {
	const all = samples();
	const sample = all.find(({ code }) => code.includes('KeyvRedis'));
	let redis: RedisServer;
	const running: RunningSample[] = [];

	before(async () => {
		await writeSamples(all);
		redis = await RedisServer.start();
	});
	after(async () => {
		await Promise.all(running.map((process) => process.stop()));
		await redis.stop();
	});

	it('handles a report once in two processes', async () => {
		if (!sample) throw new Error('there is no such sample');
		const request = deliveryReportRequest({ transactionId: '20260099' });
		for (const saved of [1, 0]) {
			const process = new RunningSample(sample, { REDIS_URL: redis.url });
			running.push(process);
			const { server } = await process.ready();
			const { verdict } = await sendByHttp(`http://127.0.0.1:${server?.port}/mm7`, request, '20260099');
			expect(verdict).to.equal('accepted');
			expect(await process.saved()).to.equal(saved);
		}
	});
});
