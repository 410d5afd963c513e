import { once } from 'node:events';
import { Connection, type RawAnswer } from './server.js';

/** A request as it goes over the wire. */
export interface RawRequest {
	/** Request line and headers, with the empty line behind them. */
	readonly head: Buffer;
	readonly body: Buffer;
}

/** Frames a body as HTTP chunks of `size` bytes. */
export function chunked(body: Buffer, size: number): Buffer {
	const pieces: Buffer[] = [];
	for (let from = 0; from < body.length; from += size) {
		const piece = body.subarray(from, from + size);
		pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
	}
	return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}

/**
 * Sends bytes to a server on this machine and reads its one answer. A request that expects "100 Continue" keeps its
 * body back until it is asked for.
 */
export async function sendRaw(port: number, { head, body }: RawRequest): Promise<RawAnswer> {
	const connection = new Connection(port);
	if (/^expect: *100-continue/im.test(head.toString('latin1'))) {
		connection.write(head);
		while (!connection.received.startsWith('HTTP/1.1 100 Continue\r\n\r\n')) await once(connection.socket, 'data');
		connection.write(body);
	} else {
		connection.write(Buffer.concat([head, body]));
	}
	const [answer] = await connection.answers();
	connection.socket.destroy();
	if (!answer) throw new Error(`no answer, but: ${connection.received}`);
	return answer;
}
