import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

/** A running inbox, as `npm start` starts it. */
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

/** Starts the process without waiting for it. */
export function spawnInbox(env: Record<string, string>): ChildProcess {
	return spawn(process.execPath, [path.join(__dirname, '../../dist/main.js')], {
		cwd: path.join(__dirname, '../..'),
		env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...env },
		stdio: ['ignore', 'pipe', 'pipe'],
	});
}

/**
 * Starts an inbox on a free port and waits until it takes reports.
 *
 * @throws Error with what it printed where it ends instead
 */
export async function startInbox(env: Record<string, string>): Promise<InboxProcess> {
	const child = spawnInbox(env);
	const lines: string[] = [];
	const errors: string[] = [];
	const news = new EventEmitter();
	child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
	const [url, token] = await new Promise<[string, string]>((resolve, reject) => {
		if (!child.stdout) return;
		createInterface(child.stdout).on('line', (line) => {
			lines.push(line);
			news.emit('line');
			const [, origin, secret] = /"msg":"waiting for reports"/.test(line)
				? (/^Page with the reports: +(\S+)\/(?:\?token=(\S+))?$/m.exec(lines.join('\n')) ?? [])
				: [];
			if (origin) resolve([origin, secret ?? '']);
		});
		child.once('exit', (code) => reject(new Error(`ended with ${code}: ${errors.join('')}`)));
	});
	return {
		url,
		bearer: { Authorization: `Bearer ${token}` },
		lines,
		child,
		async acknowledged(count) {
			while (lines.filter((line) => line.includes('"msg":"report acknowledged"')).length < count)
				await once(news, 'line');
		},
		async end(signal) {
			const exited = once(child, 'exit');
			child.kill(signal);
			return (await exited)[0] as number | null;
		},
	};
}
