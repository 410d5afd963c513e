import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import express, { type RequestHandler } from 'express';
import {
	basicAuth,
	type DeliveryReport,
	Mm7Rejection,
	type Mm7Request,
	mm7DeliveryReports,
	type Options,
	type ReadReply,
} from '../../lib/index.js';
import { listen } from '../support/server.js';

export const USER = 'sinch';
export const PASSWORD = 'Schlüssel: ß';

/** The outcome of the handlers. */
export type Outcome = 'accept' | 'reject' | 'fail';

/** The details of a rejection: text that a stack has to read unchanged. */
export const DETAILS = 'unbekannt 不明 😀 <&>';

const OPTIONS = {
	'/mm7': {},
	'/reports-only': { readReplies: undefined },
	'/protected': { authenticate: basicAuth({ [USER]: PASSWORD }) },
	'/once': { deduplicate: true },
	'/marked': { echoMustUnderstand: true },
	'/unmarked': { echoMustUnderstand: false },
} satisfies Record<string, Options>;

/** A path where the middleware is mounted with certain options. */
export type Mount = keyof typeof OPTIONS;

/** A request as received. */
export interface SeenRequest {
	readonly headers: IncomingHttpHeaders;
	readonly socket: Socket;
}

/** An app whose handlers have the outcome that is set; `stopServers` stops it. */
export class Receiver {
	outcome: Outcome = 'accept';
	reports: (DeliveryReport | ReadReply)[] = [];
	/** Their XML. */
	envelopes: string[] = [];
	requests: SeenRequest[] = [];
	#port = 0;

	static async start(): Promise<Receiver> {
		const receiver = new Receiver();
		const app = express();
		const handle = (report: DeliveryReport | ReadReply, req: Mm7Request) => receiver.#handle(report, req);
		// without it, errors would become warnings
		const onExchange = () => undefined;
		app.use(({ headers, socket }, _res, next) => {
			receiver.requests.push({ headers, socket });
			next();
		});
		for (const [mount, options] of Object.entries(OPTIONS)) {
			app.use(mount, mm7DeliveryReports(handle, { readReplies: handle, onExchange, ...options }) as RequestHandler);
		}
		receiver.#port = (await listen(app)).port;
		return receiver;
	}

	url(mount: Mount): string {
		return `http://127.0.0.1:${this.#port}${mount}`;
	}

	/** Starts over with another outcome. */
	reset(outcome: Outcome): void {
		this.outcome = outcome;
		this.reports = [];
		this.envelopes = [];
		this.requests = [];
	}

	#handle(report: DeliveryReport | ReadReply, { mm7Envelope }: Mm7Request): void {
		this.reports.push(report);
		this.envelopes.push(mm7Envelope?.xml ?? '');
		if (this.outcome === 'reject') throw new Mm7Rejection(2005, DETAILS);
		if (this.outcome === 'fail') throw new Error('the database is down');
	}
}
