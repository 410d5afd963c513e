import { expect } from 'chai';
import { reportXml } from './support/report.js';
import { app, Connection, Exchanges, listen, post, stopServers } from './support/server.js';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;

describe('a wall clock that jumps back and forth', () => {
	const realNow = Date.now;
	beforeEach(() => {
		let calls = 0;
		Date.now = () => realNow() + (++calls % 2 === 0 ? YEAR_MS : -YEAR_MS);
	});
	afterEach(async () => {
		Date.now = realNow;
		await stopServers();
	});

	async function exchange(options: Parameters<typeof app>[1], handler = () => {}, request = post(reportXml())) {
		const exchanges = new Exchanges();
		const { port } = await listen(app(handler, { ...options, onExchange: exchanges.add }));
		await new Connection(port).write(request).responses(1);
		return exchanges.number(1);
	}

	it('does not move the deadline of the handler', async () => {
		expect((await exchange({ handlerTimeout: 2_000 })).httpStatus).to.equal(200);
		const hanging = () => new Promise<void>(() => {});
		const { error, durationMs } = await exchange({ handlerTimeout: 100 }, hanging);
		expect(error?.code).to.equal('ERR_MM7_HANDLER_TIMEOUT');
		expect(durationMs).to.be.within(90, 5_000);
	});

	it('does not move the deadline of the body', async () => {
		const { error, durationMs } = await exchange({ bodyTimeout: 100 }, undefined, post('', { 'Content-Length': '10' }));
		expect(error?.code).to.equal('ERR_MM7_BODY_TIMEOUT');
		expect(durationMs).to.be.within(90, 5_000);
	});

	it('does not make a duplicate look new', async () => {
		let handled = 0;
		const handler = () => {
			handled++;
		};
		const { port } = await listen(app(handler, { deduplicate: true }));
		const request = post(reportXml());
		for (let n = 0; n < 4; n++) await new Connection(port).write(request).responses(1);
		expect(handled).to.equal(1);
	});
});
