import { rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';

/**
 * Takes a folder for this process, for two processes on one embedded database would destroy it. The lock is a socket
 * that listens in the folder: the operating system lets go of it however the process ends, so that after a crash
 * nothing has to be cleared away.
 *
 * @returns lets go of the folder
 * @throws Error where another process has it
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
	const address = addressOf(folder);
	let server: Server;
	try {
		server = await listen(address);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
		if (await answers(address)) throw new Error(`Another process is using the data in ${folder}`);
		await rm(address, { force: true });
		server = await listen(address);
	}
	return () => new Promise((resolve) => server.close(() => resolve()));
}

/** Relative where that is shorter: a socket's path may have about 100 characters. */
function addressOf(folder: string): string {
	const absolute = path.join(folder, 'inbox.lock');
	if (process.platform === 'win32') return path.join('\\\\.\\pipe', absolute);
	const relative = path.relative(process.cwd(), absolute);
	return relative.length < absolute.length ? relative : absolute;
}

function listen(address: string): Promise<Server> {
	return new Promise((resolve, reject) => {
		const server = createServer((socket) => socket.destroy());
		server.once('error', reject).listen(address, () => resolve(server.unref()));
	});
}

function answers(address: string): Promise<boolean> {
	return new Promise((resolve) => {
		const socket = connect(address);
		socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
		socket.once('close', () => socket.destroy());
	});
}
