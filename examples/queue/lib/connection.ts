import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, credsAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import type { Config } from './config.js';

/** A connection to NATS that is made again for ever, and knows whether it stands. */
export class Connection {
	readonly nats: NatsConnection;
	#isUp = true;
	readonly #events = new EventEmitter().setMaxListeners(0);

	constructor(nats: NatsConnection) {
		this.nats = nats;
		void this.#watch();
	}

	get isUp(): boolean {
		return this.#isUp;
	}

	/**
	 * Waits until the connection stands. What is sent while it does not would pile up in memory.
	 *
	 * @throws Error when the signal comes first
	 */
	async whenUp(signal: AbortSignal): Promise<void> {
		if (this.#isUp) return;
		await once(this.#events, 'up', { signal }).catch((cause) => {
			throw new Error('NATS is away', { cause });
		});
	}

	async #watch(): Promise<void> {
		for await (const { type } of this.nats.status()) {
			if (type === 'disconnect' || type === 'close') this.#isUp = false;
			if (type !== 'reconnect') continue;
			this.#isUp = true;
			this.#events.emit('up');
		}
		this.#isUp = false;
	}
}

/**
 * Connects, as soon as there is a NATS to connect to.
 *
 * @param name - of this process, as the monitoring of NATS shows it
 */
export async function connectToNats(config: Config, name: string): Promise<Connection> {
	if (config.NATS_URL === undefined) throw new Error('NATS_URL is not set; npm start prints the one that it uses');
	const nats = await connect({
		servers: config.NATS_URL.split(','),
		name,
		waitOnFirstConnect: true,
		maxReconnectAttempts: -1,
		reconnectTimeWait: 250,
		// finds a silent connection within half a minute
		pingInterval: 10_000,
		...(config.NATS_CREDENTIALS && { authenticator: credsAuthenticator(await readFile(config.NATS_CREDENTIALS)) }),
	});
	return new Connection(nats);
}
