import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { createApp } from './lib/app.js';
import { readConfig } from './lib/config.js';
import { connectToNats } from './lib/connection.js';
import { publishReports } from './lib/publish-reports.js';
import { prepareQueue } from './lib/streams.js';
import { onStop } from './processes/stop-signal.js';

/** One receiver process: takes reports by HTTP, and answers once they are in the queue. */
async function main() {
	const config = readConfig(process.env);
	const connection = await connectToNats(config, `receiver ${process.pid}`);
	const { jetstream } = await prepareQueue(connection.nats, config);
	const handler = publishReports(jetstream, connection, config.PUBLISH_TIMEOUT_MS);
	const app = createApp(handler, connection, config.HANDLER_TIMEOUT_MS);

	const server = app.listen(config.PORT, config.HOST, (error?: Error) => {
		if (error) throw error;
		const { port } = server.address() as AddressInfo;
		console.log(`receiver ${process.pid} listens on http://${config.HOST}:${port}/mm7`);
	});

	onStop(async () => {
		const closed = promisify(server.close.bind(server))();
		// a connection that was busy when the server closed is idle once its report is answered
		const idle = setInterval(() => server.closeIdleConnections(), 100);
		await closed;
		clearInterval(idle);
		await connection.nats.drain();
		console.log(`receiver ${process.pid} stopped`);
		if (process.connected) process.disconnect();
	});
}

void main().catch((error) => {
	console.error(`receiver ${process.pid} ended: ${error instanceof Error ? error.message : error}`);
	process.exit(1);
});
