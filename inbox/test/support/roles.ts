import { freePort } from '../../../test/support/free-port.js';
import type { Role } from '../../lib/roles.js';
import { type InboxProcess, startInbox } from './inbox-process.js';
import { Rabbitmq } from './rabbitmq.js';

/** How many processes to run. */
export interface RolesOptions {
	/** RabbitMQ nodes. */
	readonly nodes: number;
	readonly receivers: number;
	readonly workers: number;
	/** The environment variables of all processes. */
	readonly env: Readonly<Record<string, string>>;
	/** Called with each printed line. */
	readonly onLine?: (line: string) => void;
}

interface RoleProcess {
	readonly role: Role;
	readonly port: number;
	running: InboxProcess;
}

/** An inbox with a process per role, a page and its RabbitMQ. All of them exit with this process. */
export class Roles {
	readonly rabbitmq: Rabbitmq;
	/** The environment variables of all processes. */
	readonly env: Readonly<Record<string, string>>;
	readonly #onLine: ((line: string) => void) | undefined;
	readonly #processes: RoleProcess[] = [];

	private constructor(rabbitmq: Rabbitmq, { env, onLine }: RolesOptions) {
		this.rabbitmq = rabbitmq;
		this.env = { ...env, RABBITMQ_URL: rabbitmq.urls.join(',') };
		this.#onLine = onLine;
	}

	static async start(options: RolesOptions): Promise<Roles> {
		const rabbitmq = await Rabbitmq.start(options.nodes, { maxBytes: 1_073_741_824, maxAttempts: 100 });
		const roles = new Roles(rabbitmq, options);
		try {
			const { receivers, workers } = options;
			// the first process creates the tables
			await roles.#add('page', 1);
			await Promise.all([roles.#add('work', workers), roles.#add('receive', receivers)]);
			return roles;
		} catch (error) {
			await roles.stop('SIGKILL');
			throw error;
		}
	}

	all(role: Role): readonly InboxProcess[] {
		return this.#processes.filter((process) => process.role === role).map(({ running }) => running);
	}

	get page(): InboxProcess {
		return this.all('page')[0] as InboxProcess;
	}

	/** Kills a random process of a role. Settles when it has been replaced. */
	async kill(role: Role): Promise<void> {
		const candidates = this.#processes.filter((process) => process.role === role);
		const victim = candidates[Math.floor(Math.random() * candidates.length)];
		if (victim === undefined) throw new Error(`no process has the role ${role}`);
		await victim.running.end('SIGKILL');
		victim.running = await this.#start(role, victim.port);
	}

	/**
	 * Stops the roles, then RabbitMQ.
	 *
	 * @returns the exit codes
	 */
	async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<(number | null)[]> {
		const codes = await Promise.all(this.#processes.map(({ running }) => running.end(signal)));
		await this.rabbitmq.stop();
		return codes;
	}

	async #add(role: Role, count: number): Promise<void> {
		await Promise.all(
			Array.from({ length: count }, async () => {
				const port = await freePort();
				this.#processes.push({ role, port, running: await this.#start(role, port) });
			}),
		);
	}

	#start(role: Role, port: number): Promise<InboxProcess> {
		const command = ['setpriv', '--pdeathsig', 'TERM'];
		return startInbox(
			{ ...this.env, PORT: String(port) },
			{ role, command, ...(this.#onLine && { onLine: this.#onLine }) },
		);
	}
}
