import { createServer, IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { expect } from 'chai';
import express, { type Express } from 'express';
import { makeMessageClasses } from '../lib/message-classes.js';

describe('the classes of requests and responses', () => {
	let server: Server | undefined;

	afterEach(() => server?.close());

	/** Serves an app with the classes and sends it some requests. */
	async function send(app: Express, requests: number): Promise<string[]> {
		const classes = makeMessageClasses();
		const listening = createServer(classes, app);
		server = listening;
		classes.takeOver(app);
		await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
		const url = `http://127.0.0.1:${(listening.address() as AddressInfo).port}/somewhere`;
		const texts: string[] = [];
		for (let i = 0; i < requests; i++) texts.push(await (await fetch(url)).text());
		return texts;
	}

	it('leave an app all that it has', async () => {
		const app = express();
		app.get('/somewhere', (req, res) => {
			expect(req).to.be.an.instanceOf(IncomingMessage);
			expect(res).to.be.an.instanceOf(ServerResponse);
			res.json([req.ip, req.path, req.app === app, res.app === app]);
		});
		expect(await send(app, 1)).to.deep.equal(['["127.0.0.1","/somewhere",true,true]']);
	});

	it('give requests and responses of an app a hidden class in common', async () => {
		setFlagsFromString('--allow-natives-syntax');
		const haveSameMap = new Function('one', 'other', 'return %HaveSameMap(one, other)');
		setFlagsFromString('--no-allow-natives-syntax');
		const app = express();
		const seen: { req: object; res: object }[] = [];
		app.use((req, res) => {
			Object.assign(req, { deliveryReport: {} });
			seen.push({ req, res });
			res.end();
		});
		// the first ones are still learned from
		await send(app, 10);
		const [one, other] = seen.slice(-2);
		expect(haveSameMap(one?.req, other?.req)).to.equal(true);
		expect(haveSameMap(one?.res, other?.res)).to.equal(true);
	});
});
