import { randomBytes } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

/** An event as the application received it, with a valid signature. */
export interface ReceivedEvent {
	readonly id: string;
	readonly type: string;
	readonly timestamp: string;
	readonly data: Readonly<Record<string, unknown>>;
	readonly headers: IncomingHttpHeaders;
}

/** How the application responds to an event; undefined does so with 204. */
export type Respond = (event: ReceivedEvent, res: ServerResponse) => unknown;

/** An application that receives events, verifies each with the published verifier, and keeps them. */
export class Application {
	readonly events: ReceivedEvent[] = [];
	/** The requests that the verifier refused. */
	readonly refused: unknown[] = [];
	/** The largest number of requests at a time. */
	maxRequests = 0;
	respond: Respond | undefined;
	readonly secret = `whsec_${randomBytes(32).toString('base64')}`;
	#requests = 0;
	readonly #server = createServer(async (req, res) => {
		const body = await text(req);
		this.maxRequests = Math.max(this.maxRequests, ++this.#requests);
		res.once('close', () => this.#requests--);
		try {
			const event = new Webhook(this.secret).verify(body, req.headers as Record<string, string>) as ReceivedEvent;
			const received = { ...event, id: String(req.headers['webhook-id']), headers: req.headers };
			this.events.push(received);
			if (this.respond) this.respond(received, res);
			else res.writeHead(204).end();
		} catch (error) {
			this.refused.push(error);
			res.writeHead(401).end();
		}
	});

	static async start(): Promise<Application> {
		const application = new Application();
		await new Promise<void>((resolve) => application.#server.listen(0, '127.0.0.1', resolve));
		return application;
	}

	get url(): string {
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`;
	}

	/** The configuration of an inbox that sends its events here. */
	get env(): { readonly FORWARD_URL: string; readonly FORWARD_SECRET: string } {
		return { FORWARD_URL: this.url, FORWARD_SECRET: this.secret };
	}

	/** The states in the events of a message, in the order of their arrival. */
	statesOf(messageId: string): unknown[] {
		return this.events.filter(({ data }) => data['messageId'] === messageId).map(({ data }) => data['state']);
	}

	async close(): Promise<void> {
		this.#server.closeAllConnections();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}
