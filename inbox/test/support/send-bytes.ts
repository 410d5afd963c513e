import { once } from 'node:events';
import { connect } from 'node:net';

/** Time for a response. */
const TIMEOUT_MS = 10_000;

/**
 * Sends bytes to a server over a new connection.
 *
 * @returns everything the server sent until it closed the connection
 */
export async function sendBytes(url: string, bytes: string): Promise<string> {
	const socket = connect(Number(new URL(url).port), '127.0.0.1');
	socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error(`the connection is still open: ${received}`)));
	let received = '';
	socket.on('data', (chunk: Buffer) => {
		received += chunk;
	});
	socket.write(bytes);
	await once(socket, 'close');
	return received;
}
