import { AsyncLocalStorage } from 'node:async_hooks';
import { type TracingChannelSubscribers, tracingChannel } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import { expect } from 'chai';
import request from 'supertest';
import { EXCHANGE_CHANNEL, type Exchange, HANDLER_CHANNEL } from '../lib/index.js';
import { reportXml } from './support/report.js';
import { app } from './support/server.js';

interface Message {
	readonly req: object;
	readonly result?: Exchange;
	readonly error?: unknown;
}

/** Records the events of one channel. */
class Traces {
	readonly events: [event: string, message: Message][] = [];
	readonly #news = new EventEmitter();
	readonly #channels;
	readonly #subscribers: TracingChannelSubscribers<object>;

	constructor(name: string) {
		const add = (event: string) => (message: object) => {
			this.events.push([event, message as Message]);
			this.#news.emit('event');
		};
		this.#subscribers = {
			start: add('start'),
			end: add('end'),
			asyncStart: add('asyncStart'),
			asyncEnd: add('asyncEnd'),
			error: add('error'),
		};
		this.#channels = tracingChannel(name);
		this.#channels.subscribe(this.#subscribers);
	}

	/** Waits for the end of the first trace. */
	async end(): Promise<Message> {
		const isEnd = ([event]: [string, Message]) => event === 'asyncEnd';
		while (!this.events.some(isEnd)) await once(this.#news, 'event');
		return this.events.find(isEnd)?.[1] as Message;
	}

	stop(): void {
		this.#channels.unsubscribe(this.#subscribers);
	}
}

describe('tracing', () => {
	let traces: Traces;

	const send = (application: ReturnType<typeof app>, body = reportXml()) =>
		request(application).post('/mm7').type('xml').send(body);
	const names = () => traces.events.map(([event]) => event);

	afterEach(() => traces.stop());

	it('follows an exchange from the request to the end of its response', async () => {
		traces = new Traces(EXCHANGE_CHANNEL);
		await send(app()).expect(200);
		const { req, result } = await traces.end();
		expect(names()).to.deep.equal(['start', 'end', 'asyncStart', 'asyncEnd']);
		expect(req).to.have.property('deliveryReport', result?.report);
		expect(result).to.include({ httpStatus: 200, statusCode: 1000 });
	});

	it('ends an exchange without a result if the request is passed on', async () => {
		traces = new Traces(EXCHANGE_CHANNEL);
		await send(app(undefined, { otherOperations: 'next' }), reportXml({ operation: 'DeliverReq' })).expect(404);
		expect(await traces.end()).to.have.property('result', undefined);
	});

	it('follows a handler, with the report in the request', async () => {
		traces = new Traces(HANDLER_CHANNEL);
		await send(app()).expect(200);
		const { req } = await traces.end();
		expect(names()).to.deep.equal(['start', 'end', 'asyncStart', 'asyncEnd']);
		expect(req).to.have.nested.property('deliveryReport.messageId', '480000000000000001');
	});

	for (const [name, handler] of [
		[
			'throws',
			() => {
				throw new Error('disk full');
			},
		],
		['rejects', () => Promise.reject(new Error('disk full'))],
	] as const) {
		it(`publishes the error of a handler that ${name}`, async () => {
			traces = new Traces(HANDLER_CHANNEL);
			await send(app(handler, { onExchange: () => undefined })).expect(500);
			const { error } = await traces.end();
			expect(error).to.have.property('message', 'disk full');
			expect(names()).to.include('error');
		});
	}

	it('follows a handler beyond its deadline', async () => {
		traces = new Traces(HANDLER_CHANNEL);
		const saved = new EventEmitter();
		const handler = () => once(saved, 'saved') as Promise<never>;
		await send(app(handler, { handlerTimeout: 1, onExchange: () => undefined })).expect(500);
		expect(names()).to.deep.equal(['start', 'end']);
		saved.emit('saved');
		await traces.end();
	});

	it('runs the handler in the stores bound to its channel', async () => {
		traces = new Traces(HANDLER_CHANNEL);
		const storage = new AsyncLocalStorage();
		const { start } = tracingChannel(HANDLER_CHANNEL);
		start.bindStore(storage, () => 'span');
		let span: unknown;
		const handler = async () => {
			await Promise.resolve();
			span = storage.getStore();
		};
		try {
			await send(app(handler)).expect(200);
		} finally {
			start.unbindStore(storage);
		}
		expect(span).to.equal('span');
	});
});
