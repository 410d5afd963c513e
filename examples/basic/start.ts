import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { app } from './app.js';

/** Reachable from this machine only. */
const HOST = '127.0.0.1';
const port = Number(process.env['PORT'] ?? 3000);

const server = app.listen(port, HOST, (error?: NodeJS.ErrnoException) => {
	if (error) {
		const isInUse = error.code === 'EADDRINUSE';
		console.error(isInUse ? `Port ${port} is in use: set PORT to another one` : error.message);
		process.exitCode = 1;
		return;
	}
	const url = `http://${HOST}:${(server.address() as AddressInfo).port}/mm7`;
	console.log(`Waiting for MM7 delivery reports at ${url}
Send one from another terminal:

  curl -i '${url}' -H 'Content-Type: text/xml' --data-binary '@${path.join(__dirname, 'report.xml')}'

Press Ctrl-C to stop.`);
});

/** Accepts no new reports, responds to the ones being handled, then lets the process exit. */
function stop() {
	server.close();
	// a connection that was busy when the server closed is idle once its report has a response
	setInterval(() => server.closeIdleConnections(), 100).unref();
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
