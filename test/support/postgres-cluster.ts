import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

const execute = promisify(execFile);
/** Debian's folder for PostgreSQL servers, with one subfolder per version. */
const SERVERS = '/usr/lib/postgresql';

/** A separate PostgreSQL server for tests. */
export interface Cluster {
	readonly port: number;
	/** Its self-signed certificate; it exists if `certificateOf` is set. */
	readonly certificateFile: string;
	/** Creates an empty database and returns its URL. */
	createDatabase(name: string, options?: string): Promise<string>;
	/** Runs SQL, by default in the administrator's database, and returns the rows without headers. */
	psql(sql: string, database?: string): Promise<string>;
	/** Starts the server, which is stopped initially. */
	start(): Promise<void>;
	/** @param mode - pg_ctl's; `immediate` is like a power cut for the server */
	stop(mode?: 'fast' | 'immediate'): Promise<void>;
	/** Checks whether the server is running; it exits after some errors. */
	isRunning(): Promise<boolean>;
	/** Suspends or resumes the processes of the server. */
	signal(signal: 'STOP' | 'CONT'): Promise<void>;
	/** Creates a stopped cluster that replicates this one once it is started. */
	makeStandby(): Promise<Cluster>;
	/** Promotes a standby to primary. */
	promote(): Promise<void>;
	/** Stops the server and removes its data. */
	remove(): Promise<void>;
}

/** Options of a cluster. */
export interface ClusterOptions {
	/** Folder in which its own folder is created. */
	readonly parent?: string;
	/** Arguments of `initdb`. */
	readonly arguments?: readonly string[];
	/** Settings of the configuration. */
	readonly settings?: Readonly<Record<string, string>>;
	/** The address in its self-signed certificate. Default: no TLS. */
	readonly certificateOf?: string;
}

/**
 * Creates a cluster in a temporary folder, on a free local port.
 *
 * @throws Error if PostgreSQL is not installed
 */
export async function makeCluster(options: ClusterOptions = {}): Promise<Cluster> {
	const args = ['-U', 'inbox', '--auth=trust', '-E', 'UTF8', '--locale=C', ...(options.arguments ?? [])];
	return clusterBy('initdb', (data) => ['-D', data, ...args], options);
}

/** @param args - the command that creates the data, with its arguments */
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

/** The first line of the file that a running server keeps next to its data. */
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
	// the server inherits pg_ctl's output, so waiting for the output to end would never finish
	const { stdout } = await execute(file, all, { cwd: '/' });
	return stdout;
}
