import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Config, readConfig } from '../../lib/config.js';
import { freePort } from '../../processes/free-port.js';
import { findNatsServer, startNatsServer } from '../../processes/nats-server.js';

/** A nats-server for one test, with its data in a directory of its own. */
export class TestNats {
	readonly #port: number;
	readonly #dataDir: string;
	#process: ReturnType<typeof startNatsServer>;

	private constructor(port: number, dataDir: string) {
		this.#port = port;
		this.#dataDir = dataDir;
		this.#process = startNatsServer(findNatsServer(), port, dataDir);
	}

	static async start(): Promise<TestNats> {
		return new TestNats(await freePort(), await mkdtemp(path.join(tmpdir(), 'mm7-nats-')));
	}

	/** The configuration of a receiver or worker that uses it. */
	config(env: Readonly<Record<string, string>> = {}): Config {
		return readConfig({ NATS_URL: `nats://127.0.0.1:${this.#port}`, ...env });
	}

	/** Ends the server as a power cut would; its data stay. */
	async kill(): Promise<void> {
		const ended = once(this.#process, 'exit');
		this.#process.kill('SIGKILL');
		await ended;
	}

	/** Starts it again after `kill`. */
	restart(): void {
		this.#process = startNatsServer(findNatsServer(), this.#port, this.#dataDir);
	}

	async stop(): Promise<void> {
		if (this.#process.exitCode === null && this.#process.signalCode === null) {
			const ended = once(this.#process, 'exit');
			this.#process.kill('SIGTERM');
			await ended;
		}
		await rm(this.#dataDir, { recursive: true, force: true });
	}
}
