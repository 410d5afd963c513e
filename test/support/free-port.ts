import { type AddressInfo, createServer } from 'node:net';

/** A port of this machine that nobody listens on, for programs that cannot be told to take any. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer().once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}
