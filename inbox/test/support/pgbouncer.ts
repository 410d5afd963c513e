import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../../../test/support/free-port.js';

const PGBOUNCER = '/usr/sbin/pgbouncer';

/** A connection pooler in front of a PostgreSQL server. */
export interface PgBouncer {
	readonly port: number;
	stop(): Promise<void>;
}

/**
 * Starts PgBouncer in transaction mode, with two server connections that all clients share.
 *
 * @param serverPort - the port of a local server that trusts the user `inbox`
 */
export async function startPgBouncer(serverPort: number): Promise<PgBouncer> {
	if (!existsSync(PGBOUNCER)) throw new Error(`No ${PGBOUNCER}: install Debian's package "pgbouncer"`);
	const folder = await mkdtemp(path.join(tmpdir(), 'inbox-pgbouncer-'));
	const port = await freePort();
	const file = (name: string) => path.join(folder, name);
	await writeFile(file('users.txt'), '"inbox" ""\n');
	await writeFile(file('pgbouncer.ini'), configuration(serverPort, port, file('users.txt')));
	// PgBouncer refuses to run as root
	const user = process.getuid?.() === 0 ? ['-u', 'postgres'] : [];
	await chmod(folder, 0o755);
	const child = spawn(PGBOUNCER, [...user, file('pgbouncer.ini')], { stdio: ['ignore', 'ignore', 'pipe'] });
	const closed = once(child, 'close');
	await new Promise<void>((resolve, reject) => {
		const lines: string[] = [];
		createInterface(child.stderr).on('line', (line) => {
			lines.push(line);
			if (line.includes('process up')) resolve();
		});
		child.once('close', () => reject(new Error(lines.join('\n'))));
	});
	return {
		port,
		async stop() {
			child.kill('SIGTERM');
			await closed;
			await rm(folder, { recursive: true });
		},
	};
}

function configuration(serverPort: number, port: number, users: string): string {
	return `
		[databases]
		* = host=127.0.0.1 port=${serverPort}
		[pgbouncer]
		listen_addr = 127.0.0.1
		listen_port = ${port}
		unix_socket_dir =
		auth_type = trust
		auth_file = ${users}
		pool_mode = transaction
		default_pool_size = 2`.replaceAll('\t', '');
}
