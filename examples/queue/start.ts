import { fork } from 'node:child_process';
import cluster from 'node:cluster';
import { once } from 'node:events';
import path from 'node:path';
import { type Config as InboxConfig, readConfig as readInboxConfig } from '../../inbox/lib/config.js';
import { type Config, readConfig } from './lib/config.js';
import { establishQueues } from './lib/connection.js';
import { OUTPUT_CLOSED, processLog } from './lib/log.js';
import { queuesOf } from './lib/queues.js';
import { HOPELESS, oneLine } from './processes/fail.js';
import { freePort } from './processes/free-port.js';
import { keepRunning, type Processes } from './processes/keep-running.js';
import { type Nodes, runRabbitmq } from './processes/rabbitmq.js';
import { onStop, SUPERVISED } from './processes/stop-signal.js';

/** In the order of starting; they stop in the opposite order. */
const groups: Processes[] = [];

/** Runs everything on one machine: RabbitMQ where none is given, the page, workers, and receivers behind one port. */
async function main() {
	onStop(stop);
	const onClosed = () => fail(undefined, OUTPUT_CLOSED);
	for (const output of [process.stdout, process.stderr]) output.on('error', onClosed);
	const config = readConfig(process.env);
	const inbox = readInboxConfig(process.env);
	const log = processLog('start', inbox.logLevel, onClosed);
	// told before anything is started
	const pagePort = await freePort(config.PAGE_PORT, inbox.host);
	const port = await freePort(inbox.port, inbox.host);

	const nodes = config.RABBITMQ_URL ? undefined : await runNodes();
	const urls = config.RABBITMQ_URL ?? nodes?.urls ?? [];
	const env = {
		...process.env,
		RABBITMQ_URL: urls.join(','),
		PAGE_PORT: String(pagePort),
		PORT: String(port),
		[SUPERVISED]: '1',
	};
	// stopped while RabbitMQ started
	if (isStopping) return;
	groups.push(keepRunning('page', 1, () => fork(script('page.ts'), { env }), fail, log));
	groups.push(keepRunning('worker', config.WORKERS, () => fork(script('worker.ts'), { env }), fail, log));
	cluster.setupPrimary({ exec: script('receiver.ts') });
	groups.push(keepRunning('receiver', config.RECEIVERS, () => cluster.fork(env).process, fail, log));
	await once(cluster, 'listening');
	printUsage(config, inbox, `http://${inbox.host}:${port}/mm7`, nodes);

	async function runNodes(): Promise<Nodes> {
		const { RABBITMQ_DIR, NODES } = config;
		console.log(`Starting RabbitMQ, ${NODES === 1 ? 'one node' : `${NODES} nodes`}, in ${RABBITMQ_DIR}`);
		const started = await runRabbitmq(RABBITMQ_DIR, NODES, log, fail);
		groups.push(...started.groups);
		// a queue that is made before the nodes have found each other stays on one of them
		await started.ready();
		await establishQueues(started.urls, queuesOf(config).all, log);
		return started;
	}
}

function printUsage(config: Config, inbox: InboxConfig, url: string, nodes: Nodes | undefined) {
	const sample = path.relative(process.env['INIT_CWD'] ?? '.', script('report.xml'));
	const login = inbox.mm7 ? ` -u '${inbox.mm7.user}'` : '';
	const control = nodes ? `  ${nodes.control} list_queues name messages_ready messages_unacknowledged\n` : '';
	console.log(`
${config.RECEIVERS} receivers wait for MM7 delivery reports at ${url}
${config.WORKERS} workers store them; the page says its link when it is ready

Send one from another terminal:

  curl -i '${url}'${login} -H 'Content-Type: text/xml' --data-binary '@${sample}'

Look at the queue, put dead letters back into it:

  npm run status --workspace examples/queue
  npm run replay --workspace examples/queue
${control}
Ctrl-C stops: receivers first, then workers, the page, RabbitMQ.
`);
}

let isStopping = false;

/** Receivers first, so that no report comes in that nobody stores; RabbitMQ last, so that no worker loses an ack. */
async function stop() {
	if (isStopping) return;
	isStopping = true;
	for (const group of groups.toReversed()) await group.stop();
	if (process.exitCode === undefined) console.log('Stopped');
}

/** Stops everything; an error is told in one line. */
function fail(error?: unknown, code = HOPELESS) {
	if (error) console.error(oneLine(error));
	process.exitCode ??= code;
	void stop().then(() => process.exit());
}

function script(name: string): string {
	return path.join(__dirname, name);
}

void main().catch(fail);
