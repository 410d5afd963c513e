import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.js';

/** A separate redis-server on a free port, without persistence. */
export class RedisServer {
	readonly port: number;
	readonly #process: ChildProcess;

	private constructor(port: number, process: ChildProcess) {
		this.port = port;
		this.#process = process;
	}

	get url(): string {
		return `redis://127.0.0.1:${this.port}`;
	}

	/** @throws Error if redis-server is not installed or does not start */
	static async start(port?: number): Promise<RedisServer> {
		const free = port ?? (await freePort());
		const args = ['--port', String(free), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
		const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
		await new Promise<void>((resolve, reject) => {
			server.once('error', () => reject(new Error('redis-server is missing: apt-get install redis-server')));
			server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
			server.stdout.on('data', (text: Buffer) => {
				if (text.includes('Ready to accept connections')) resolve();
			});
		});
		return new RedisServer(free, server);
	}

	/** Stops responding, like a server that hangs. */
	pause(): void {
		this.#process.kill('SIGSTOP');
	}

	resume(): void {
		this.#process.kill('SIGCONT');
	}

	async stop(): Promise<void> {
		if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
		this.#process.kill('SIGKILL');
		await once(this.#process, 'exit');
	}
}
