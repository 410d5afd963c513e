import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

const execute = promisify(execFile);
/** Where Debian puts the servers, one folder for each version. */
const SERVERS = '/usr/lib/postgresql';

/** A PostgreSQL server of its own, for tests. */
export interface Cluster {
	readonly port: number;
	/** Its own certificate, which is also the root; it exists if `certificateOf` is set. */
	readonly certificateFile: string;
	/** Makes an empty database and returns its URL. */
	createDatabase(name: string, options?: string): Promise<string>;
	/** Runs SQL, by default in the database of the administrator; the rows, without decoration. */
	psql(sql: string, database?: string): Promise<string>;
	/** Starts the server; it is stopped at first. */
	start(): Promise<void>;
	/** @param mode - of pg_ctl; `immediate` is like a power cut for the server */
	stop(mode?: 'fast' | 'immediate'): Promise<void>;
	/** Whether there is a server; it ends itself after some errors. */
	isRunning(): Promise<boolean>;
	/** Stops the processes of the server where they are, or lets them go on. */
	signal(signal: 'STOP' | 'CONT'): Promise<void>;
	/** Makes a stopped cluster that follows this one when it is started. */
	makeStandby(): Promise<Cluster>;
	/** Lets a standby take over. */
	promote(): Promise<void>;
	/** Stops the server and removes its data. */
	remove(): Promise<void>;
}

/** How a cluster is made. */
export interface ClusterOptions {
	/** Where its folder is made. */
	readonly parent?: string;
	/** Of `initdb`. */
	readonly arguments?: readonly string[];
	/** Of the configuration. */
	readonly settings?: Readonly<Record<string, string>>;
	/** The address for which it has a self-signed certificate; default: no TLS. */
	readonly certificateOf?: string;
}

/**
 * Makes a cluster in a temporary folder, on a free port of this machine.
 *
 * @throws Error where PostgreSQL is not installed
 */
export async function makeCluster(options: ClusterOptions = {}): Promise<Cluster> {
	const args = ['-U', 'inbox', '--auth=trust', '-E', 'UTF8', '--locale=C', ...(options.arguments ?? [])];
	return clusterBy('initdb', (data) => ['-D', data, ...args], options);
}

/** @param args - of the program that makes the data */
async function clusterBy(
	program: string,
	args: (data: string) => string[],
	{ parent = '/tmp', settings = {}, certificateOf }: ClusterOptions,
): Promise<Cluster> {
	const bin = await serverFolder();
	const folder = (await run('mktemp', '-d', path.join(parent, 'inbox-postgres-XXXXXX'))).trim();
	const data = path.join(folder, 'data');
	await run(path.join(bin, program), ...args(data));
	const certificateFile = path.join(folder, 'server.crt');
	let tls = {};
	if (certificateOf) {
		const key = path.join(folder, 'server.key');
		const subject = ['-subj', `/CN=${certificateOf}`, '-addext', `subjectAltName=IP:${certificateOf}`];
		const files = ['-keyout', key, '-out', certificateFile];
		await run('openssl', 'req', '-x509', '-nodes', '-newkey', 'rsa:2048', ...files, ...subject);
		tls = { ssl: 'on', ssl_cert_file: certificateFile, ssl_key_file: key };
	}
	const port = await freePort();
	const control = (...more: string[]) => run(path.join(bin, 'pg_ctl'), '-D', data, '-w', ...more);
	const flags = Object.entries({
		listen_addresses: '127.0.0.1',
		unix_socket_directories: '',
		...tls,
		...settings,
	})
		.map(([name, value]) => `-c ${name}='${value}'`)
		.join(' ');
	const url = (name: string) => `postgres://inbox@127.0.0.1:${port}/${name}`;
	const psql = (sql: string, database = 'postgres') => run(path.join(bin, 'psql'), url(database), '-AtXqc', sql);

	const cluster: Cluster = {
		port,
		certificateFile,
		psql: async (sql, database) => (await psql(sql, database)).trim(),
		async createDatabase(name, databaseOptions = '') {
			await psql(`CREATE DATABASE ${name} ${databaseOptions}`);
			return url(name);
		},
		async start() {
			await control('start', '-l', path.join(folder, 'log'), '-o', `-p ${port} ${flags}`);
		},
		async stop(mode = 'fast') {
			if (await cluster.isRunning()) await control('stop', '-m', mode);
		},
		isRunning: () =>
			control('status').then(
				() => true,
				() => false,
			),
		async signal(signal) {
			const server = await processIdOf(data);
			await run('kill', `-${signal}`, server);
			await run('pkill', `-${signal}`, '--parent', server);
		},
		makeStandby: () =>
			clusterBy('pg_basebackup', (target) => ['-d', url('postgres'), '-D', target, '-R', '-c', 'fast'], { settings }),
		async promote() {
			await control('promote');
		},
		async remove() {
			if (await cluster.isRunning()) await cluster.signal('CONT');
			await cluster.stop('immediate');
			await run('rm', '-r', folder);
		},
	};
	return cluster;
}

/** The first line of the file that a server keeps beside its data. */
async function processIdOf(data: string): Promise<string> {
	return (await run('head', '-n', '1', path.join(data, 'postmaster.pid'))).trim();
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
