import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Role } from '../../lib/roles.js';

/** A running inbox, as its users start it. */
export interface InboxProcess {
	readonly url: string;
	/** The headers that open the page to a script, unless there is a password. */
	readonly bearer: { readonly Authorization: string };
	/** What it printed, line by line; grows. */
	readonly lines: readonly string[];
	/** Settles when the log has told of this many acknowledged reports. */
	acknowledged(count: number): Promise<void>;
	/** Sends a signal and waits for the end; the exit code, null after SIGKILL. */
	end(signal: NodeJS.Signals): Promise<number | null>;
	readonly child: ChildProcess;
}

/** How a process is started. */
export interface StartOptions {
	/** Default: everything in one process. */
	readonly role?: Role | undefined;
	/** Called with each line that it prints. */
	readonly onLine?: (line: string) => void;
	/** What starts the program, such as `setpriv --pdeathsig TERM`. */
	readonly command?: readonly string[];
}

/** Starts the process without waiting for it. */
export function spawnInbox(env: Record<string, string>, { role, command = [] }: StartOptions = {}): ChildProcess {
	const main = path.join(__dirname, '../../dist/main.js');
	const [program = '', ...args] = [...command, process.execPath, main, ...(role ? [role] : [])];
	return spawn(program, args, {
		cwd: path.join(__dirname, '../..'),
		env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
}

/**
 * Starts an inbox on a free port and waits until it takes reports, or does what its role is.
 *
 * @throws Error with what it printed where it ends instead
 */
export async function startInbox(env: Record<string, string>, options: StartOptions = {}): Promise<InboxProcess> {
	const child = spawnInbox(env, options);
	const lines: string[] = [];
	const errors: string[] = [];
	const news = new EventEmitter();
	child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
	const port = await new Promise<number>((resolve, reject) => {
		if (!child.stdout) return;
		createInterface(child.stdout).on('line', (line) => {
			lines.push(line);
			options.onLine?.(line);
			news.emit('line');
			const [, ready] = /"port":(\d+),.*"msg":"(?:waiting for|storing|showing) reports/.exec(line) ?? [];
			if (ready) resolve(Number(ready));
		});
		child.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors.join('')}`)));
	});
	const [, token] = /\?token=(\S+)/.exec(lines.join('\n')) ?? [];
	return {
		url: `http://127.0.0.1:${port}`,
		bearer: { Authorization: `Bearer ${token}` },
		lines,
		child,
		async acknowledged(count) {
			while (lines.filter((line) => line.includes('"msg":"report acknowledged"')).length < count)
				await once(news, 'line');
		},
		async end(signal) {
			if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
			const exited = once(child, 'exit');
			child.kill(signal);
			return (await exited)[0] as number | null;
		},
	};
}
