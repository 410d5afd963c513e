import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { nodesFile } from '../lib/nodes-file.js';
import { HOPELESS } from './fail.js';
import { findProgram } from './find-program.js';
import { freePort } from './free-port.js';
import { keepRunning, type Processes } from './keep-running.js';

/** Seconds that a node waits for one that was not yet gone from its folder. */
const LOCK_TIMEOUT = 30;
/** Milliseconds between two looks whether a node takes connections: while it starts, and later. */
const LOOK = 100;
const LATER_LOOK = 5_000;
/** Milliseconds after which a node that takes no connections is killed, and so started again. */
const DEAF = 60_000;

/** RabbitMQ nodes on this machine, reachable from this machine only. */
export interface Nodes {
	/** In the order of starting. */
	readonly groups: readonly Processes[];
	readonly urls: readonly string[];
	/** What a person types to look at the nodes. */
	readonly control: string;
	/** Resolves when all take connections, and so are a cluster. */
	ready(): Promise<void>;
}

interface Node {
	/** In the words of Erlang: unique on the machine, and part of the node's files. */
	readonly name: string;
	readonly folder: string;
	readonly port: number;
	readonly distributionPort: number;
}

/**
 * Runs RabbitMQ nodes, with nothing of the RabbitMQ of the system: data, configuration, secret, ports and epmd are their
 * own. Ctrl-C does not reach them; the death of this process does.
 *
 * @param folder - for their data and logs; made where it is missing
 * @throws Error that says in one line what is missing
 */
export async function runRabbitmq(
	folder: string,
	count: number,
	log: Logger,
	onBroken: (error: Error | undefined) => void,
): Promise<Nodes> {
	const server = findProgram('rabbitmq-server');
	const epmd = findProgram('epmd');
	checkCount(folder, count);
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	const nodes = await Promise.all(Array.from({ length: count }, (_, index) => makeNode(folder, index + 1)));
	const secret = makeSecret(folder);
	const epmdPort = await freePort();
	// the cookie, by which nodes trust each other, is looked for in HOME
	const env = { ...process.env, HOME: folder, ERL_EPMD_PORT: String(epmdPort) };
	for (const node of nodes) writeFileSync(configFile(node), configuration(node, nodes, secret), { mode: 0o600 });

	const spawnLocked = (lock: readonly string[], command: readonly string[], more = {}) => {
		const child = spawnTied(lock, command, { ...env, ...more });
		child.once('exit', (code) => {
			if (code === HOPELESS)
				onBroken(new Error(`${folder} is in use by another "npm start": stop it, or set RABBITMQ_DIR`));
		});
		return child;
	};
	const runEpmd = () => {
		const lock = ['--nonblock', path.join(folder, 'lock')];
		return spawnLocked(lock, [epmd, '-port', String(epmdPort), '-address', '127.0.0.1']);
	};
	const runNode = (node: Node) => {
		const lock = ['--wait', String(LOCK_TIMEOUT), path.join(node.folder, 'lock')];
		const child = spawnLocked(lock, [server], settings(node));
		killWhenDeaf(child, node, log);
		return child;
	};
	const urls = nodes.map(({ port }) => `amqp://mm7:${secret}@127.0.0.1:${port}`);
	const groups = [keepRunning('epmd', 1, runEpmd, onBroken, log)];
	for (const node of nodes) groups.push(keepRunning(node.name, 1, () => runNode(node), onBroken, log));
	const urlsFile = nodesFile(folder);
	writeFileSync(urlsFile, urls.join(','), { mode: 0o600 });
	groups.unshift({ stop: async () => rmSync(urlsFile) });
	return {
		groups,
		urls,
		control: `HOME=${folder} ERL_EPMD_PORT=${epmdPort} ${path.join(path.dirname(server), 'rabbitmqctl')} --node ${nodes[0]?.name}`,
		async ready() {
			for (const { port } of nodes) while (!(await takesConnections(port))) await pause(LOOK);
		},
	};
}

/** A node that knows others waits for them, and a queue does not move to nodes that come later. */
function checkCount(folder: string, count: number): void {
	const before = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith('node-')).length : count;
	if (before === count || before === 0) return;
	throw new Error(`${folder} holds the queues of ${before} nodes: set NODES=${before}, or another RABBITMQ_DIR`);
}

async function makeNode(folder: string, number: number): Promise<Node> {
	const node = {
		name: `mm7-${number}@localhost`,
		folder: path.join(folder, `node-${number}`),
		port: await freePort(),
		distributionPort: await freePort(),
	};
	mkdirSync(node.folder, { recursive: true });
	return node;
}

/** The secret of the nodes, and of their clients; made once, for the nodes remember it. */
function makeSecret(folder: string): string {
	const file = path.join(folder, '.erlang.cookie');
	if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('hex'), { mode: 0o400 });
	return readFileSync(file, 'utf8');
}

function configFile({ folder }: Node): string {
	return path.join(folder, 'rabbitmq.conf');
}

function configuration(node: Node, nodes: readonly Node[], secret: string): string {
	const lines = [
		`listeners.tcp.1 = 127.0.0.1:${node.port}`,
		'default_user = mm7',
		`default_pass = ${secret}`,
		'log.console = false',
		'log.file.rotation.size = 10485760',
		'log.file.rotation.count = 2',
		// its default of 512 MB is for big machines, and a node reads it all when it starts after a crash
		'raft.wal_max_size_bytes = 67108864',
		'disk_free_limit.absolute = 256MB',
	];
	if (nodes.length > 1) {
		lines.push(
			'cluster_formation.peer_discovery_backend = classic_config',
			...nodes.map(({ name }, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${name}`),
			// a node that stood still joins the others again; what is in a quorum queue is up to the majority in any case.
			// With pause_minority it stayed alone, for it had heard of the loss and of the return at the same time
			'cluster_partition_handling = autoheal',
			// seconds after which a node that stands still counts as gone, by a quarter more or less
			'net_ticktime = 10',
		);
	}
	return `${lines.join('\n')}\n`;
}

/** Environment variables of RabbitMQ's scripts. */
function settings(node: Node): Record<string, string> {
	return {
		RABBITMQ_NODENAME: node.name,
		RABBITMQ_CONFIG_FILE: configFile(node),
		// neither the settings nor the plugins of the system's node
		RABBITMQ_CONF_ENV_FILE: path.join(node.folder, 'no-environment-file'),
		RABBITMQ_ENABLED_PLUGINS_FILE: path.join(node.folder, 'enabled_plugins'),
		RABBITMQ_MNESIA_BASE: path.join(node.folder, 'mnesia'),
		RABBITMQ_LOG_BASE: path.join(node.folder, 'log'),
		RABBITMQ_PID_FILE: path.join(node.folder, 'pid'),
		RABBITMQ_DIST_PORT: String(node.distributionPort),
		RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false',
		// the script becomes the node then, instead of waiting for it: signals reach the node
		RUNNING_UNDER_SYSTEMD: 'true',
	};
}

/**
 * Starts a program that ends with this process (setpriv) and holds a lock (flock): two nodes on one folder would destroy
 * it.
 */
function spawnTied(lock: readonly string[], command: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
	const flock = [findProgram('flock'), '--no-fork', '--conflict-exit-code', String(HOPELESS), ...lock];
	const args = ['--pdeathsig', 'TERM', ...flock, ...command];
	// a process group of its own, so that Ctrl-C does not reach it
	return spawn(findProgram('setpriv'), args, { env, detached: true, stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A node that joins others again stops serving for a while, and might not come back from that by itself. */
function killWhenDeaf(child: ChildProcess, { name, port }: Node, log: Logger): void {
	let heard = performance.now();
	const timer = setInterval(async () => {
		if (await takesConnections(port)) heard = performance.now();
		if (performance.now() - heard < DEAF) return;
		log.warn({ node: name }, 'RabbitMQ takes no connections and is started again');
		child.kill('SIGKILL');
	}, LATER_LOOK);
	child.once('exit', () => clearInterval(timer));
}

function takesConnections(port: number): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = createConnection({ port, host: '127.0.0.1' });
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('connect', () => socket.destroy());
	});
}
