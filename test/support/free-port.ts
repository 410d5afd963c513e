import { type AddressInfo, createServer } from 'node:net';

/** Finds a free local port, for programs that cannot pick one themselves. */
export function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const server = createServer().once('error', reject);
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(port));
		});
	});
}
