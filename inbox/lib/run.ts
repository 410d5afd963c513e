import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { makeInbox } from './app.js';
import type { Config } from './config.js';
import { greeting, isLocalOnly } from './greeting.js';
import { makeServer } from './http-server.js';
import { openQueue } from './queue/queue.js';
import type { Role } from './roles.js';
import { closeServer, killProcess, onStopSignal, withinTime } from './stop.js';
import { openDatabase, openWhenAvailable } from './store/open-database.js';

/** Logged when a process is ready, by its role. */
const READY = {
	receive: 'waiting for reports',
	work: 'storing reports from the queue',
	page: 'showing reports',
} as const satisfies Record<Role, string>;

/**
 * Runs an inbox, or one role of it, until a signal stops it.
 *
 * @throws Error that says in one sentence why it cannot start
 */
export async function run(config: Config, role: Role | undefined, log: Logger): Promise<void> {
	let serve: RequestListener = notYet;
	const server = makeServer(config, (req, res) => serve(req, res));
	// before the database is touched: a port in use is the commonest mistake
	await listen(server, config);

	const events = {
		onError: (err: Error) => log.warn({ err }, 'a database connection broke'),
		onBroken: (err: Error) => end(err, 'the database is broken, so this process ends'),
	};
	const onAway = (err: unknown) => log.error({ err }, 'waiting for the database');
	const opening =
		role === 'receive'
			? undefined
			: sayingSo(
					role === undefined ? openDatabase(config, events) : openWhenAvailable(config, events, onAway),
					'Opening the database …',
				);
	const database = await opening;
	const onBroken = (err: unknown) => end(err, 'the queue cannot be used, so this process ends');
	const queue =
		config.queue && role !== 'page'
			? openQueue(config.queue, `mm7-inbox ${role ?? ''} ${process.pid}`, log, onBroken)
			: undefined;
	const inbox = makeInbox(config, { role, database, queue }, log);
	serve = inbox.app;
	server.on('clientError', inbox.onClientError);

	onStopSignal(async (signal) => {
		log.info({ signal }, 'stopping');
		inbox.endStreams();
		const complete = await closeServer(server);
		const finished = inbox.finished().then(() => {
			queue?.close();
			return database?.close();
		});
		await withinTime(finished, () => {
			log.fatal('the database does not finish, so this process is killed');
			killProcess();
		});
		log.info({ complete }, 'stopped');
		process.exit(complete ? 0 : 1);
	});

	const { port } = server.address() as AddressInfo;
	const keptIn = [queue?.name, database?.name].filter((name) => name !== undefined);
	console.log(greeting(config, role, port, inbox.pagePath, keptIn));
	log.info({ port, queue: queue?.name, database: database?.name }, READY[role ?? 'receive']);
	const receives = role === undefined || role === 'receive';
	if (receives && !isLocalOnly(config.host) && !config.mm7 && !config.mm7AllowFrom) {
		log.warn('anybody who reaches this machine may send reports: set MM7_USER and MM7_PASSWORD, or MM7_ALLOW_FROM');
	}

	function end(err: unknown, message: string): never {
		log.fatal({ err }, message);
		process.exit(1);
	}
}

/** What comes before the database is there has to come again. */
const notYet: RequestListener = (_req, res) => {
	res.writeHead(503, { 'Content-Type': 'text/plain', 'Retry-After': '5' }).end('Starting: try again in a moment\n');
};

function listen(server: Server, { port, host }: Config): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => {
			const isInUse = error.code === 'EADDRINUSE';
			reject(isInUse ? new Error(`Port ${port} is in use. Choose another one, such as PORT=${port + 1}`) : error);
		});
		server.listen(port, host, () => resolve());
	});
}

/** A person wonders after this time. */
const LONG_WAIT_MS = 1000;

/** Waits for something, and says so when it takes long. */
async function sayingSo<T>(running: Promise<T>, what: string): Promise<T> {
	const timer = setTimeout(() => console.log(what), LONG_WAIT_MS);
	try {
		return await running;
	} finally {
		clearTimeout(timer);
	}
}
