import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Something in between that passes connections on, until it does not. */
export interface TcpProxy {
	readonly port: number;
	/** Where new connections go to. */
	target: number;
	/** Forgets the connections there are, as a firewall does: nothing comes through any more, and nobody is told. */
	forget(): void;
	/** Cuts the connections there are, without a word of the server. */
	cut(): void;
	close(): Promise<void>;
}

/** Listens on a free port of this machine. */
export async function startProxy(target: number): Promise<TcpProxy> {
	const sockets = new Set<Socket>();
	const server = createServer((near) => {
		const far = connect(proxy.target, '127.0.0.1');
		for (const socket of [near, far]) {
			sockets.add(socket);
			socket.on('close', () => sockets.delete(socket));
			// the other one is told by its end
			socket.on('error', () => {});
		}
		near.pipe(far).on('close', () => near.destroy());
		far.pipe(near).on('close', () => far.destroy());
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const proxy: TcpProxy = {
		port: (server.address() as AddressInfo).port,
		target,
		forget() {
			for (const socket of sockets) socket.unpipe().pause();
		},
		cut() {
			for (const socket of sockets) socket.destroy();
		},
		close() {
			proxy.cut();
			return new Promise((resolve) => server.close(() => resolve()));
		},
	};
	return proxy;
}
