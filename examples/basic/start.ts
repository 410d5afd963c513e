import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { app } from './app.js';

const server = app.listen(Number(process.env['PORT'] ?? 3000), (error?: Error) => {
	if (error) throw error;
	const url = `http://localhost:${(server.address() as AddressInfo).port}/mm7`;
	const sample = path.relative(process.env['INIT_CWD'] ?? '.', path.join(__dirname, 'report.xml'));
	console.log(`Waiting for MM7 delivery reports at ${url}
Send one from another terminal:

  curl -i '${url}' -H 'Content-Type: text/xml' --data-binary '@${sample}'

Ctrl-C stops.`);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);

/** Takes no new reports, answers those that are being handled, then lets the process end. */
function stop() {
	server.close();
	// a connection that was busy when the server closed is idle once its report is answered
	setInterval(() => server.closeIdleConnections(), 100).unref();
}
