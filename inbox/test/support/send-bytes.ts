import { once } from 'node:events';
import { connect } from 'node:net';

/** How long a response may take. */
const TIMEOUT_MS = 10_000;

/**
 * Sends bytes to a server over a connection of its own.
 *
 * @returns everything that the server sent by the time it closed the connection
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
