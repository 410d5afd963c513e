import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import zlib from 'node:zlib';
import { expect } from 'chai';
import type { DeliveryReport, Handler, Options } from '../../lib/index.js';
import { held } from '../support/held.js';
import { heldBytes } from '../support/memory.js';
import { multipart, reportXml } from '../support/report.js';
import { app, Connection, Exchanges, listen, post, stopServers } from '../support/server.js';

const MB = 1024 * 1024;

/** A report whose attachment pads the body to `bytes`; it compresses to almost a hundredth. */
function bomb(bytes: number, xml = reportXml()): Buffer {
	const { headers, body } = multipart(xml);
	const [head = '', tail = ''] = body.toString().split('no picture');
	const filled = Buffer.alloc(bytes, ' ');
	// the colon keeps random bytes from looking like the beginning of XML
	const start = `${head}no picture:`;
	filled.write(start);
	randomBytes(bytes / 115).copy(filled, start.length);
	filled.write(`\r\n${tail.trimStart()}`, bytes - tail.length);
	return post(zlib.gzipSync(filled), { ...headers, 'Content-Encoding': 'gzip' });
}

function pipelined(count: number, request: (index: number) => Buffer): Buffer {
	return Buffer.concat(Array.from({ length: count }, (_, index) => request(index)));
}

/** Megabytes of buffers that survive a garbage collection. */
async function buffersInUse(): Promise<number> {
	await heldBytes();
	return process.memoryUsage().arrayBuffers / MB;
}

describe('a flood of compressed requests', function () {
	this.timeout(60_000);
	let exchanges: Exchanges;
	beforeEach(() => {
		exchanges = new Exchanges();
	});
	afterEach(stopServers);

	const start = (handler?: Handler, options: Options = {}) =>
		listen(app(handler, { onExchange: exchanges.add, ...options }));
	const errorCodes = () => [...new Set(exchanges.all.map(({ error }) => error?.code))];

	it('uses no memory if each request has only a few bytes', async () => {
		const before = await buffersInUse();
		let peak = 0;
		exchanges.on('exchange', () => {
			peak = Math.max(peak, process.memoryUsage().arrayBuffers / MB);
		});
		const { port } = await start();
		const bytes = zlib.brotliCompressSync(Buffer.alloc(MB - 1, ' '));
		expect(bytes.length).to.be.below(20);
		const count = 200;
		new Connection(port).write(pipelined(count, () => post(bytes, { 'Content-Encoding': 'br' })));
		await exchanges.number(count);
		expect(errorCodes()).to.deep.equal(['ERR_MM7_BODY_TOO_LARGE']);
		expect(peak - before).to.be.below(40);
	});

	it('is inflated to 16 MB and the bodies of two running inflations until handlers finish', async () => {
		const { promise, release } = held();
		let calls = 0;
		const handler = () => {
			calls++;
			return promise;
		};
		const { port } = await start(handler, { bodyTimeout: 2000 });
		const count = 60;
		const request = bomb(MB);
		expect(request.length).to.be.below(20_000);
		const connections = [1, 2].map(() => new Connection(port).write(pipelined(count / 2, () => request)));

		// requests that time out while they wait for memory are rejected although handlers are still running
		await exchanges.number(count - 18);
		expect(errorCodes()).to.deep.equal(['ERR_MM7_BODY_TIMEOUT']);
		// fewer than 18 on a machine that inflates slowly
		expect(calls).to.be.within(1, 18);

		release();
		await exchanges.number(count);
		expect(exchanges.all.filter(({ httpStatus }) => httpStatus === 200)).to.have.lengthOf(calls);
		for (const connection of connections) connection.socket.destroy();

		// memory is free again
		const [response] = await new Connection(port).write(bomb(MB, 'x')).responses();
		expect(response?.status).to.equal(500);
	});

	it('does not delay a compressed report on another connection', async () => {
		const { port } = await start();
		const count = 200;
		const flood = bomb(200 * 1024, '<a/>');
		new Connection(port).write(pipelined(count, () => flood));
		await exchanges.number(1);
		const report = post(zlib.gzipSync(reportXml()), { 'Content-Encoding': 'gzip' });
		const [response] = await new Connection(port).write(report).responses();
		expect(response?.status).to.equal(200);
		expect(exchanges.all.length).to.be.below(count / 2);
		await exchanges.number(count + 1);
	});

	for (const [what, delay, options] of [
		['the response to an earlier request on its connection is sent', (id: string) => id === '1', {}],
		[
			'the store for duplicates responds',
			() => false,
			{
				deduplicate: { store: { get: () => undefined, set: () => new Promise(() => undefined) }, storeTimeout: 40_000 },
				bodyTimeout: 20_000,
			},
		],
	] as const) {
		it(`is not kept in memory until ${what}`, async () => {
			const handled = new EventEmitter();
			const count = 40;
			let calls = 0;
			const handler = async ({ transactionId }: DeliveryReport) => {
				if (delay(transactionId)) await once(handled, 'finish');
				else if (++calls === count) handled.emit('all');
			};
			// without onExchange, since exchanges hold the bodies
			const { port } = await listen(app(handler, options));
			const before = await buffersInUse();
			const connection = new Connection(port).write(post(reportXml({ transactionId: '1' })));
			connection.write(pipelined(count, (index) => bomb(MB, reportXml({ transactionId: `x${index}` }))));
			await once(handled, 'all');
			expect((await buffersInUse()) - before).to.be.below(25);
			handled.emit('finish');
			expect(await connection.responses(count + 1)).to.have.lengthOf(count + 1);
		});
	}
});
