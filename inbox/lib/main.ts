#!/usr/bin/env node
import type { RequestListener, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from 'pino';
import { makeInbox } from './app.js';
import { type Config, readConfig } from './config.js';
import { loadEnvFile } from './env-file.js';
import { greeting, isLocalOnly } from './greeting.js';
import { makeServer } from './http-server.js';
import { makeLogger } from './log.js';
import { closeServer, killProcess, onStopSignal, withinTime } from './stop.js';
import { openDatabase } from './store/open-database.js';

async function start(config: Config, log: Logger): Promise<void> {
	let serve: RequestListener = notYet;
	const server = makeServer(config, (req, res) => serve(req, res));
	// before the database is touched: a port in use is the commonest mistake
	await listen(server, config);
	const opening = openDatabase(config, {
		onError: (err) => log.warn({ err }, 'a database connection broke'),
		onBroken(err) {
			log.fatal({ err }, 'the database is broken, so this process ends');
			process.exit(1);
		},
	});
	const database = await sayingSo(opening, 'Opening the database …');
	const inbox = makeInbox(config, database, log);
	serve = inbox.app;
	server.on('clientError', inbox.onClientError);

	onStopSignal(async (signal) => {
		log.info({ signal }, 'stopping');
		inbox.endStreams();
		const complete = await closeServer(server);
		await withinTime(inbox.finished().then(database.close), () => {
			log.fatal('the database does not finish, so this process is killed');
			killProcess();
		});
		log.info({ complete }, 'stopped');
		process.exit(complete ? 0 : 1);
	});

	console.log(greeting(config, (server.address() as AddressInfo).port, inbox.pagePath, database.name));
	log.info({ database: database.name }, 'waiting for reports');
	if (!isLocalOnly(config.host) && !config.mm7 && !config.mm7AllowFrom) {
		log.warn('anybody who reaches this machine may send reports: set MM7_USER and MM7_PASSWORD, or MM7_ALLOW_FROM');
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

/** Milliseconds after which a person wonders. */
const LONG = 1000;

/** Waits for something, and says so when it takes long. */
async function sayingSo<T>(running: Promise<T>, what: string): Promise<T> {
	const timer = setTimeout(() => console.log(what), LONG);
	try {
		return await running;
	} finally {
		clearTimeout(timer);
	}
}

/** What is wrong with the configuration or the surroundings needs a sentence, not a stack. */
function fail(error: unknown): never {
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
}

try {
	loadEnvFile('.env');
	const config = readConfig(process.env);
	start(config, makeLogger(config.logLevel)).catch(fail);
} catch (error) {
	fail(error);
}
