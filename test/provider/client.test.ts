import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { expect } from 'chai';
import { keepAliveAgent, type OutgoingRequest, send } from '../../lib/provider/client.js';
import { listen, stopServers } from '../support/server.js';

const REQUEST: OutgoingRequest = { method: 'POST', headers: { 'X-Name': 'value' }, body: 'hello', timeout: 5000 };

function urlOf(port: number): URL {
	return new URL(`http://127.0.0.1:${port}/mm7?a=b`);
}

/** Returns the reason why a request gets no response. */
function failure(url: URL, options: Partial<OutgoingRequest> = {}): Promise<string> {
	return send(url, { ...REQUEST, ...options }).then(
		({ status }) => `HTTP ${status}`,
		(error: Error) => error.message,
	);
}

describe('send', () => {
	afterEach(stopServers);

	it('sends method, path, headers and body, and reads status, headers and body', async () => {
		const { port } = await listen((req, res) => {
			const { method, url, headers } = req;
			req.on('data', (chunk) => {
				res.writeHead(202, { 'X-Reply': 'yes' }).end(`${method} ${url} ${headers['x-name']} ${chunk}`);
			});
		});
		const { status, headers, body } = await send(urlOf(port), REQUEST);
		expect({ status, reply: headers['x-reply'], body }).to.deep.equal({
			status: 202,
			reply: 'yes',
			body: 'POST /mm7?a=b value hello',
		});
	});

	it('uses a connection of its own for each request, or those of an agent', async () => {
		const { port, server } = await listen((req, res) => void req.resume().on('end', () => res.end()));
		let connections = 0;
		server.on('connection', () => connections++);
		for (let round = 0; round < 2; round++) await send(urlOf(port), REQUEST);
		expect(connections).to.equal(2);
		const agent = keepAliveAgent(urlOf(port), 1);
		for (let round = 0; round < 2; round++) await send(urlOf(port), { ...REQUEST, agent });
		expect(connections).to.equal(3);
		agent.destroy();
	});

	it('sends the head alone, and closes the connection after the response', async () => {
		let received = '';
		const server = net.createServer((socket) => {
			socket.once('data', (head) => {
				received = head.toString();
				socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n');
			});
			socket.on('close', () => server.close());
		});
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const closed = once(server, 'close');
		const { port } = server.address() as AddressInfo;
		const headers = { 'Content-Length': '1000000' };
		const { status } = await send(urlOf(port), { ...REQUEST, headers, body: undefined });
		expect(status).to.equal(413);
		expect(received).to.match(/Content-Length: 1000000\r\n.*\r\n\r\n$/s);
		await closed;
	});

	it('times out even if bytes keep coming', async () => {
		const { port } = await listen((_req, res) => {
			const more = () => void res.write(' ', (error) => error ?? setImmediate(more));
			res.writeHead(200, { 'Content-Length': 2 ** 40 });
			more();
		});
		expect(await failure(urlOf(port), { timeout: 100 })).to.equal('no response within 100 ms');
	});

	it('fails if nothing is listening', async () => {
		const { port } = await listen(() => {});
		await stopServers();
		expect(await failure(urlOf(port))).to.equal('connection refused');
	});

	it('fails if the connection is cut, before the response and in the middle of it', async () => {
		const before = await listen((req) => req.socket.destroy());
		expect(await failure(urlOf(before.port))).to.equal('connection cut');
		const amid = await listen((_req, res) => {
			res.writeHead(200, { 'Content-Length': 100 });
			res.write('<', () => res.destroy());
		});
		expect(await failure(urlOf(amid.port))).to.equal('connection cut');
	});

	it('does not read an endless response', async () => {
		const { port } = await listen((_req, res) => {
			const chunk = Buffer.alloc(256 * 1024);
			const more = () => void res.write(chunk, (error) => error ?? more());
			more();
		});
		expect(await failure(urlOf(port))).to.equal('the response is longer than 1 MB');
	});

	it('gives up when it is aborted', async () => {
		const controller = new AbortController();
		const { port } = await listen(() => controller.abort());
		expect(await failure(urlOf(port), { signal: controller.signal })).to.equal('The operation was aborted');
	});
});
