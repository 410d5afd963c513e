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

	/** The directory that holds the messages of a stream; its consumers have another one. */
	messagesDir(stream: string): string {
		return path.join(this.#dataDir, 'jetstream', '$G', 'streams', stream, 'msgs');
	}

	/** Ends the server with no time to tidy up; its data stay. */
	kill(): Promise<void> {
		return this.#end('SIGKILL');
	}

	/** Ends the server, which tidies up; its data stay. */
	shutDown(): Promise<void> {
		return this.#end('SIGTERM');
	}

	/** Starts it again. */
	restart(): void {
		this.#process = startNatsServer(findNatsServer(), this.#port, this.#dataDir);
	}

	async stop(): Promise<void> {
		await this.shutDown();
		await rm(this.#dataDir, { recursive: true, force: true });
	}

	async #end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
		if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
		const ended = once(this.#process, 'exit');
		this.#process.kill(signal);
		await ended;
	}
}
