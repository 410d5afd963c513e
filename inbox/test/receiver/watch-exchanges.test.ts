import { expect } from 'chai';
import { type Exchange, parseDeliveryReport } from 'mm7-delivery-reports';
import { makeLogger } from '../../lib/log.js';
import { makeMetrics } from '../../lib/operations/metrics.js';
import type { ReportRequest } from '../../lib/receiver/keeper.js';
import { watchExchanges } from '../../lib/receiver/watch-exchanges.js';
import { LogLines } from '../support/serve.js';

describe('watchExchanges', () => {
	it('keeps unreadable requests one at a time, lets a few wait, and counts the rest', async () => {
		let writing = 0;
		let most = 0;
		let kept = 0;
		const add = async () => {
			most = Math.max(most, ++writing);
			await new Promise((resolve) => setImmediate(resolve));
			writing--;
			kept++;
		};
		const output = new LogLines();
		const metrics = makeMetrics();
		const watch = watchExchanges(makeLogger('info', output), metrics, add);
		const exchange = {
			error: await parseDeliveryReport('<').catch((error: unknown) => error),
			body: Buffer.from('<'),
			durationMs: 1,
		} as unknown as Exchange;
		const req = { headers: {} } as ReportRequest;
		for (let n = 0; n < 50; n++) watch.onExchange(exchange, req);
		await watch.finished();

		expect(most).to.equal(1);
		expect(kept).to.equal(11);
		const text = await metrics.registry.metrics();
		expect(text).to.match(/^mm7_unreadable_total 11$/m);
		expect(text).to.match(/^mm7_unreadable_dropped_total 39$/m);
		const said = output.lines.map((line) => JSON.parse(line).kept);
		expect(said.filter((value) => value === false)).to.have.lengthOf(39);
	});
});
