import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { app } from './app.js';

/** This machine only: nobody else can send to it. */
const HOST = '127.0.0.1';
const port = Number(process.env['PORT'] ?? 3000);

const server = app.listen(port, HOST, (error?: Error) => {
	if (error) fail(error);
	else greet();
});

function greet() {
	const url = `http://${HOST}:${(server.address() as AddressInfo).port}/mm7`;
	console.log(`Waiting for MM7 delivery reports at ${url}
Send one from another terminal:

  curl -i '${url}' -H 'Content-Type: text/xml' --data-binary '@${path.join(__dirname, 'report.xml')}'

Ctrl-C stops.`);
}

function fail(error: NodeJS.ErrnoException) {
	const isInUse = error.code === 'EADDRINUSE';
	console.error(
		isInUse
			? `Port ${port} is in use. Choose another one: PORT=${port + 1} npm run start:basic`
			: `Cannot listen on port ${port}: ${error.message}`,
	);
	process.exitCode = 1;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);

/** Takes no new reports, answers those that are being handled, then lets the process end. */
function stop() {
	server.close();
	// a connection that was busy when the server closed is idle once its report is answered
	setInterval(() => server.closeIdleConnections(), 100).unref();
}
