import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../../test/support/free-port.js';
import type { QueueConfig } from '../../lib/config.js';
import { makeLogger } from '../../lib/log.js';
import { connect, prepareQueues } from '../../lib/queue/connection.js';
import { queuesOf } from '../../lib/queue/queues.js';
import { eventually } from './eventually.js';

/** Debian's /usr/sbin/rabbitmq-server starts only the system's node; this is the program it runs. */
const PROGRAMS = '/usr/lib/rabbitmq/bin';
const START_TIMEOUT_MS = 60_000;
/** RabbitMQ 3.10 saves the names of new queues after half a second; a node killed earlier forgets them. */
const QUEUES_SAVED_MS = 1_000;

interface Node {
	/** The Erlang node name: unique on the machine, and part of file names. */
	readonly name: string;
	readonly folder: string;
	readonly port: number;
	readonly distributionPort: number;
	process?: ChildProcess;
}

/**
 * RabbitMQ nodes that only this machine can reach. They share nothing with the system's RabbitMQ: data, configuration,
 * secret, ports and epmd are their own. They exit with this process, and ignore Ctrl-C.
 */
export class Rabbitmq {
	readonly #folder = mkdtempSync(path.join(tmpdir(), 'mm7-rabbitmq-'));
	readonly #secret = randomBytes(24).toString('hex');
	#nodes: readonly Node[] = [];
	#env: NodeJS.ProcessEnv = {};
	#epmd: ChildProcess | undefined;

	/**
	 * Starts a node or a cluster, and creates the queues.
	 *
	 * @throws Error that says what to install
	 */
	static async start(count: number, queues: Pick<QueueConfig, 'maxBytes' | 'maxAttempts'>): Promise<Rabbitmq> {
		if (!existsSync(path.join(PROGRAMS, 'rabbitmq-server'))) {
			throw new Error('RabbitMQ is not installed (Debian, Ubuntu: sudo apt-get install rabbitmq-server)');
		}
		const rabbitmq = new Rabbitmq();
		try {
			await rabbitmq.#start(count);
			await rabbitmq.#makeQueues(queues);
			return rabbitmq;
		} catch (error) {
			await rabbitmq.stop();
			throw error;
		}
	}

	get urls(): readonly string[] {
		return this.#nodes.map(({ port }) => `amqp://mm7:${this.#secret}@127.0.0.1:${port}`);
	}

	get count(): number {
		return this.#nodes.length;
	}

	/** @param index - the node, from 0 */
	signal(index: number, signal: NodeJS.Signals): void {
		this.#nodes[index]?.process?.kill(signal);
	}

	/** Kills a node and starts it again. Settles when it accepts connections. */
	async restart(index: number): Promise<void> {
		const node = this.#nodes[index];
		if (node === undefined) throw new Error(`there is no node ${index}`);
		await end(node.process, 'SIGKILL');
		this.#run(node);
		await acceptsConnections(node);
	}

	/** Runs rabbitmqctl on the first node. */
	async control(...args: string[]): Promise<string> {
		const all = ['--node', this.#nodes[0]?.name ?? '', '--quiet', ...args];
		const { stdout } = await promisify(execFile)(path.join(PROGRAMS, 'rabbitmqctl'), all, { env: this.#env });
		return stdout;
	}

	/** Kills the nodes and removes their data. */
	async stop(): Promise<void> {
		await Promise.all(this.#nodes.map(({ process }) => end(process, 'SIGKILL')));
		await end(this.#epmd, 'SIGKILL');
		// programs that the nodes had started may still write
		rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10 });
	}

	async #start(count: number): Promise<void> {
		const epmdPort = await freePort();
		// nodes read their common secret from HOME
		writeFileSync(path.join(this.#folder, '.erlang.cookie'), this.#secret, { mode: 0o400 });
		this.#env = { ...process.env, HOME: this.#folder, ERL_EPMD_PORT: String(epmdPort) };
		this.#epmd = spawnTied(['epmd', '-port', String(epmdPort), '-address', '127.0.0.1'], this.#env);
		const nodes: Node[] = [];
		for (let number = 1; number <= count; number++) {
			const folder = path.join(this.#folder, `node-${number}`);
			mkdirSync(folder);
			nodes.push({
				name: `mm7-${number}@localhost`,
				folder,
				port: await freePort(),
				distributionPort: await freePort(),
			});
		}
		this.#nodes = nodes;
		for (const node of nodes) {
			writeFileSync(path.join(node.folder, 'rabbitmq.conf'), this.#configuration(node));
			this.#run(node);
		}
		await Promise.all(nodes.map(acceptsConnections));
		// a node accepts connections before it has started
		await this.control('await_startup', '--timeout', '60');
		// a queue created before the nodes have joined stays on one of them
		if (count > 1) await this.control('await_online_nodes', String(count), '--timeout', '60');
	}

	async #makeQueues(config: Pick<QueueConfig, 'maxBytes' | 'maxAttempts'>): Promise<void> {
		const rabbit = connect(this.urls, 'setup', makeLogger('silent'));
		await prepareQueues(rabbit, queuesOf(config).all);
		await delay(QUEUES_SAVED_MS);
		rabbit.unsafeDestroy();
	}

	#run(node: Node): void {
		node.process = spawnTied([path.join(PROGRAMS, 'rabbitmq-server')], {
			...this.#env,
			RABBITMQ_NODENAME: node.name,
			RABBITMQ_CONFIG_FILE: path.join(node.folder, 'rabbitmq.conf'),
			// ignores the settings and plugins of the system's node
			RABBITMQ_CONF_ENV_FILE: path.join(node.folder, 'no-environment-file'),
			RABBITMQ_ENABLED_PLUGINS_FILE: path.join(node.folder, 'enabled_plugins'),
			RABBITMQ_MNESIA_BASE: path.join(node.folder, 'mnesia'),
			RABBITMQ_LOG_BASE: path.join(node.folder, 'log'),
			RABBITMQ_PID_FILE: path.join(node.folder, 'pid'),
			RABBITMQ_DIST_PORT: String(node.distributionPort),
			RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false',
			// makes the script exec the node, so that signals reach it
			RUNNING_UNDER_SYSTEMD: 'true',
		});
	}

	#configuration(node: Node): string {
		const lines = [
			`listeners.tcp.1 = 127.0.0.1:${node.port}`,
			'default_user = mm7',
			`default_pass = ${this.#secret}`,
			'log.console = false',
			// a node reads all of it when it starts after a crash; the default is 512 MB
			'raft.wal_max_size_bytes = 67108864',
			'disk_free_limit.absolute = 256MB',
		];
		if (this.#nodes.length > 1) {
			lines.push(
				'cluster_formation.peer_discovery_backend = classic_config',
				...this.#nodes.map(({ name }, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${name}`),
				// recommended in the README
				'cluster_partition_handling = autoheal',
				'net_ticktime = 10',
			);
		}
		return `${lines.join('\n')}\n`;
	}
}

/** Starts a program in its own process group that exits with this process. */
function spawnTied(command: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
	const args = ['--pdeathsig', 'TERM', ...command];
	return spawn('setpriv', args, { env, detached: true, stdio: ['ignore', 'ignore', 'inherit'] });
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
	if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, 'exit');
	child.kill(signal);
	await exited;
}

function acceptsConnections({ name, port }: Node): Promise<void> {
	const isUp = () =>
		new Promise<boolean>((resolve) => {
			const socket = createConnection({ port, host: '127.0.0.1' });
			socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
			socket.once('connect', () => socket.destroy());
		});
	return eventually(`RabbitMQ node ${name}`, isUp, START_TIMEOUT_MS);
}
