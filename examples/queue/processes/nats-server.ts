import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync } from 'node:fs';
import path from 'node:path';

const INSTALL = `nats-server was not found. Install it:

  Debian, Ubuntu   sudo apt-get install nats-server
  others           https://github.com/nats-io/nats-server/releases

or set NATS_URL to a NATS with JetStream that you have.`;

/** Exit code of flock(1) where somebody else holds the lock. */
const LOCKED = 75;

/** Where the program may be: Debian installs it to /usr/sbin, which is not in the PATH of most users. */
const DIRECTORIES = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/sbin', '/usr/local/sbin'];

/**
 * Finds the program.
 *
 * @throws Error that says how to install it
 */
export function findNatsServer(directories: readonly string[] = DIRECTORIES): string {
	const found = directories.map((directory) => path.join(directory, 'nats-server')).find(isExecutable);
	if (found === undefined) throw new Error(INSTALL);
	return found;
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}

/**
 * Starts a nats-server with JetStream, reachable from this machine only. Ctrl-C does not reach it; the death of this
 * process does (setpriv). Two servers on one directory would destroy it, hence the lock (flock).
 *
 * @param dataDir - for its streams and its log; created where missing
 */
export function startNatsServer(program: string, port: number, dataDir: string): ChildProcess {
	mkdirSync(dataDir, { recursive: true });
	const lock = ['flock', '--nonblock', '--no-fork', '--conflict-exit-code', String(LOCKED), path.join(dataDir, 'lock')];
	const listen = ['--addr', '127.0.0.1', '--port', String(port)];
	const storage = ['--jetstream', '--store_dir', dataDir];
	const log = ['--log', path.join(dataDir, 'nats-server.log'), '--log_size_limit', '10485760'];
	const pid = ['--pid', path.join(dataDir, 'nats-server.pid')];
	const command = ['--pdeathsig', 'TERM', ...lock, program, ...listen, ...storage, ...log, ...pid];
	const server = spawn('setpriv', command, { detached: true, stdio: ['ignore', 'inherit', 'inherit'] });
	server.on('exit', (code) => {
		if (code === LOCKED) console.error(`${dataDir} is in use by another nats-server`);
	});
	return server;
}
