import { once } from 'node:events';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { generate } from 'selfsigned';
import { Client, type ClientOptions } from '../../../lib/provider/simulator/client.js';
import { deliveryReportRequest } from '../../../lib/provider/testing/index.js';
import { app, listen, stopServers } from '../../support/server.js';

const REQUEST = deliveryReportRequest({}, { form: 'multipart' });

describe('Client', () => {
	const clients: Client[] = [];

	function clientFor(port: number, options: Partial<ClientOptions> = {}): Client {
		const url = new URL(`http://127.0.0.1:${port}/mm7`);
		const client = new Client({ url, concurrency: 2, timeout: 5000, ...options });
		clients.push(client);
		return client;
	}

	/** Why a request gets no answer. */
	async function failure(client: Client, signal = new AbortController().signal): Promise<string> {
		return client.post(REQUEST, signal).then(
			({ status }) => `HTTP ${status}`,
			(error: Error) => error.message,
		);
	}

	afterEach(async () => {
		for (const client of clients.splice(0)) client.close();
		await stopServers();
	});

	it('gives status and body of the answer', async () => {
		const { port } = await listen(app());
		const { status, body } = await clientFor(port).post(REQUEST, new AbortController().signal);
		expect(status).to.equal(200);
		expect(body.toString()).to.include('<StatusCode>1000</StatusCode>');
	});

	it('uses as many connections as it may, and uses them again', async () => {
		const { port, server } = await listen(app());
		let connections = 0;
		server.on('connection', () => connections++);
		const client = clientFor(port);
		for (let round = 0; round < 3; round++) {
			await Promise.all(Array.from({ length: 5 }, () => client.post(REQUEST, new AbortController().signal)));
		}
		expect(connections).to.equal(2);
	});

	it('sends over TLS, and only to whom it can trust', async () => {
		const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
		const server = https.createServer({ key, cert }, app()).listen(0, '127.0.0.1');
		await once(server, 'listening');
		const url = new URL(`https://localhost:${(server.address() as AddressInfo).port}/mm7`);
		try {
			expect(await failure(clientFor(0, { url }))).to.equal('self-signed certificate');
		} finally {
			server.close();
			server.closeAllConnections();
		}
	});

	it('waits for the whole answer no longer than the timeout', async () => {
		const { port } = await listen((_req, res) => {
			res.writeHead(200, { 'Content-Length': 100 }).write('<');
		});
		expect(await failure(clientFor(port, { timeout: 50 }))).to.equal('no answer within 50 ms');
	});

	it('says that nobody listens', async () => {
		const { port } = await listen(() => {});
		await stopServers();
		expect(await failure(clientFor(port))).to.equal('connection refused');
	});

	it('says that the connection was cut, before the answer and in the middle of it', async () => {
		const before = await listen((req) => req.socket.destroy());
		expect(await failure(clientFor(before.port))).to.equal('connection cut');
		const amid = await listen((_req, res) => {
			res.writeHead(200, { 'Content-Length': 100 });
			res.write('<', () => res.destroy());
		});
		expect(await failure(clientFor(amid.port))).to.equal('connection cut');
	});

	it('reads no answer without end', async () => {
		const { port } = await listen((_req, res) => {
			const chunk = Buffer.alloc(256 * 1024);
			const more = () => void res.write(chunk, (error) => error ?? more());
			more();
		});
		expect(await failure(clientFor(port))).to.equal('the answer is longer than 1 MB');
	});

	it('gives up when it is told to', async () => {
		const controller = new AbortController();
		const { port } = await listen(() => controller.abort());
		expect(await failure(clientFor(port), controller.signal)).to.equal('The operation was aborted');
	});
});
