import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy that can break connections. */
export interface TcpProxy {
	readonly port: number;
	/** The port that new connections go to. */
	target: number;
	/** Silently stops forwarding on all open connections, like a firewall that forgets them. */
	forget(): void;
	/** Cuts all open connections. */
	cut(): void;
	close(): Promise<void>;
}

/** Starts a proxy on a free local port. */
export async function startProxy(target: number): Promise<TcpProxy> {
	const sockets = new Set<Socket>();
	const server = createServer((near) => {
		const far = connect(proxy.target, '127.0.0.1');
		for (const socket of [near, far]) {
			sockets.add(socket);
			socket.on('close', () => sockets.delete(socket));
			// its peer is closed below
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
