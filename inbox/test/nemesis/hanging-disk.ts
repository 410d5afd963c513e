import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** System calls that flush data to the disk. */
const SYNC = 'fsync,fdatasync';

/**
 * Makes the disk of a process hang: each thread that flushes data waits.
 *
 * @param seconds - how long each flush waits
 * @returns a function that makes the disk work again
 */
export async function stopDisk(pid: number, seconds: number): Promise<() => Promise<void>> {
	const inject = `inject=${SYNC}:delay_enter=${seconds}s`;
	const strace = spawn('strace', ['-f', '-p', String(pid), '-e', `trace=${SYNC}`, '-e', inject], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	await once(strace.stderr, 'data');
	strace.stderr.resume();
	// strace also exits with the process
	const ended = once(strace, 'exit');
	return async () => {
		// a gentler signal would wait for the hanging calls
		strace.kill('SIGKILL');
		await ended;
	};
}
