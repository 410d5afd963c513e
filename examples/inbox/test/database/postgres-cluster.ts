import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../free-port.js';

const execute = promisify(execFile);
/** Where Debian puts the servers, one folder for each version. */
const SERVERS = '/usr/lib/postgresql';

/** A PostgreSQL server of its own, for tests. */
export interface Cluster {
	/** Makes an empty database and returns its URL. */
	createDatabase(name: string, options?: string): Promise<string>;
	/** Starts the server; it is stopped at first. */
	start(): Promise<void>;
	stop(): Promise<void>;
	/** Stops the server and removes its data. */
	remove(): Promise<void>;
}

/**
 * Makes a cluster in a temporary folder, on a free port of this machine.
 *
 * @throws Error where PostgreSQL is not installed
 */
export async function makeCluster(): Promise<Cluster> {
	const bin = await serverFolder();
	const folder = (await run('mktemp', '-d', '/tmp/inbox-postgres-XXXXXX')).trim();
	const data = path.join(folder, 'data');
	const port = await freePort();
	await run(path.join(bin, 'initdb'), '-D', data, '-U', 'inbox', '--auth=trust', '-E', 'UTF8', '--locale=C');
	const control = (...args: string[]) => run(path.join(bin, 'pg_ctl'), '-D', data, '-w', ...args);
	const options = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''`;
	const url = (name: string) => `postgres://inbox@127.0.0.1:${port}/${name}`;
	let running = false;

	const cluster: Cluster = {
		async start() {
			await control('start', '-l', path.join(folder, 'log'), '-o', options);
			running = true;
		},
		async stop() {
			if (running) await control('stop', '-m', 'fast');
			running = false;
		},
		async createDatabase(name, databaseOptions = '') {
			await run(path.join(bin, 'psql'), url('postgres'), '-qc', `CREATE DATABASE ${name} ${databaseOptions}`);
			return url(name);
		},
		async remove() {
			await cluster.stop();
			await run('rm', '-r', folder);
		},
	};
	return cluster;
}

async function serverFolder(): Promise<string> {
	const versions = await readdir(SERVERS).catch(() => []);
	const newest = versions
		.map(Number)
		.filter(Number.isFinite)
		.sort((one, other) => other - one)[0];
	if (newest === undefined) throw new Error(`No PostgreSQL in ${SERVERS}: install Debian's package "postgresql"`);
	return path.join(SERVERS, String(newest), 'bin');
}

/** PostgreSQL refuses to run as root. */
async function run(command: string, ...args: string[]): Promise<string> {
	const isRoot = process.getuid?.() === 0;
	const [file, all] = isRoot ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, args];
	// pg_ctl leaves the server behind with its output, so nothing may wait for the end of that
	const { stdout } = await execute(file, all, { cwd: '/' });
	return stdout;
}
