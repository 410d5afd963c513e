import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import path from 'node:path';
import { type Config, readConfig } from './lib/config.js';
import { freePort } from './processes/free-port.js';
import { keepRunning, type Processes } from './processes/keep-running.js';
import { findNatsServer, startNatsServer } from './processes/nats-server.js';
import { onStop, SUPERVISED } from './processes/stop-signal.js';

/** In the order of starting; they stop in the opposite order. */
const groups: Processes[] = [];

/** Runs everything on one machine: NATS where none is given, workers, and receivers behind one port. */
async function main() {
	onStop(stop);
	const config = readConfig(process.env);
	const natsUrl = config.NATS_URL ?? (await runNatsServer(config));
	const env = { ...process.env, NATS_URL: natsUrl, [SUPERVISED]: '1' };

	groups.push(keepRunning('worker', config.WORKERS, () => fork(script('worker.ts'), { env }), fail));
	cluster.setupPrimary({ exec: script('receiver.ts') });
	groups.push(keepRunning('receiver', config.RECEIVERS, () => cluster.fork(env).process, fail));
	const [, { port }] = await once(cluster, 'listening');
	printUsage(config, natsUrl, `http://${config.HOST}:${port}/mm7`);
}

async function runNatsServer(config: Config): Promise<string> {
	const program = findNatsServer();
	const port = config.NATS_PORT || (await freePort());
	groups.push(keepRunning('nats-server', 1, () => startNatsServer(program, port, config.DATA_DIR), fail));
	return `nats://127.0.0.1:${port}`;
}

function printUsage(config: Config, natsUrl: string, url: string) {
	const sample = path.relative(process.env['INIT_CWD'] ?? '.', script('report.xml'));
	const data = config.NATS_URL === undefined ? `, data in ${config.DATA_DIR}` : '';
	console.log(`NATS at ${natsUrl}${data}
${config.RECEIVERS} receivers wait for MM7 delivery reports at ${url}
${config.WORKERS} workers handle them

Send one from another terminal:

  curl -i '${url}' -H 'Content-Type: text/xml' --data-binary '@${sample}'

Look at the queue, put dead letters back into it:

  NATS_URL=${natsUrl} npm run status --workspace examples/queue
  NATS_URL=${natsUrl} npm run replay --workspace examples/queue

Ctrl-C stops: receivers first, then workers, then NATS.`);
}

let isStopping = false;

/** Receivers first, so that no report comes in that nobody stores; NATS last, so that no worker loses an ack. */
async function stop() {
	if (isStopping) return;
	isStopping = true;
	for (const group of groups.toReversed()) await group.stop();
	console.log('Stopped');
	process.exit();
}

function fail(error: Error) {
	console.error(error.message);
	process.exitCode = 1;
	void stop();
}

function script(name: string): string {
	return path.join(__dirname, name);
}

void main().catch(fail);
