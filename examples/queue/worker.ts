import { readConfig } from './lib/config.js';
import { connectToNats } from './lib/connection.js';
import { consumeReports } from './lib/consume-reports.js';
import { applyEffect } from './lib/effects.js';
import { requeueLeftovers } from './lib/requeue.js';
import { prepareQueue } from './lib/streams.js';
import { onStop } from './processes/stop-signal.js';

/** One worker process: takes reports from the queue and does what they ask for. */
async function main() {
	const config = readConfig(process.env);
	const connection = await connectToNats(config, `worker ${process.pid}`);
	const queue = await prepareQueue(connection.nats, config);
	const stopping = new AbortController();
	onStop(async () => stopping.abort());

	console.log(`worker ${process.pid} takes reports`);
	const handle = async (message: Parameters<typeof applyEffect>[1]) => {
		const isNew = await applyEffect(queue.effects, message);
		const { messageId, recipient, mmStatus, state } = message.report;
		const outcome = isNew ? `${mmStatus} (${state})` : 'handled before';
		console.log(`worker ${process.pid} ${messageId} to ${recipient.address}: ${outcome}`);
	};
	const leftovers = requeueLeftovers(queue, config.LEFTOVERS_INTERVAL_MS, stopping.signal);
	await consumeReports(queue.jetstream, handle, config, stopping.signal);
	await leftovers;

	await connection.nats.drain();
	console.log(`worker ${process.pid} stopped`);
	if (process.connected) process.disconnect();
}

void main().catch((error) => {
	console.error(`worker ${process.pid} ended: ${error instanceof Error ? error.message : error}`);
	process.exit(1);
});
