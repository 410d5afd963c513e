import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Role } from '../../lib/roles.js';

/** A running inbox process. */
export interface InboxProcess {
	readonly url: string;
	/** Headers that give a script access to the page, if there is no password. */
	readonly bearer: { readonly Authorization: string };
	/** The lines printed so far. */
	readonly lines: readonly string[];
	/** Sends a signal and waits for the exit code, which is null after SIGKILL. */
	end(signal: NodeJS.Signals): Promise<number | null>;
	readonly child: ChildProcess;
}

/** How to start a process. */
export interface StartOptions {
	/** Default: everything in one process. */
	readonly role?: Role | 'demo' | undefined;
	/** Called with each printed line. */
	readonly onLine?: (line: string) => void;
	/** A command that starts the program, such as `setpriv --pdeathsig TERM`. */
	readonly command?: readonly string[];
}

/** Starts a process without waiting until it is ready. */
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
 * Starts an inbox on a free port and waits until it is ready.
 *
 * @throws Error with its error output if it exits
 */
export async function startInbox(env: Record<string, string>, options: StartOptions = {}): Promise<InboxProcess> {
	const child = spawnInbox(env, options);
	const lines: string[] = [];
	const errors: string[] = [];
	child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
	const port = await new Promise<number>((resolve, reject) => {
		if (!child.stdout) return;
		createInterface(child.stdout).on('line', (line) => {
			lines.push(line);
			options.onLine?.(line);
			const [, ready] = /"port":(\d+),.*"msg":"(?:waiting for|storing|showing) reports/.exec(line) ?? [];
			if (ready) resolve(Number(ready));
		});
		child.once('exit', (code) => reject(new Error(`exited with ${code}: ${errors.join('')}`)));
	});
	const [, token] = /\?token=(\S+)/.exec(lines.join('\n')) ?? [];
	return {
		url: `http://127.0.0.1:${port}`,
		bearer: { Authorization: `Bearer ${token}` },
		lines,
		child,
		async end(signal) {
			if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
			const exited = once(child, 'exit');
			child.kill(signal);
			return (await exited)[0] as number | null;
		},
	};
}
