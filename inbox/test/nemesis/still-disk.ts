import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Calls that bring data to the disk. */
const SYNC = 'fsync,fdatasync';

/**
 * Lets the disk of a process stand still: whichever thread next tells it to keep something waits.
 *
 * @param seconds - how long each such call waits
 * @returns lets the disk go on
 */
export async function stopDisk(pid: number, seconds: number): Promise<() => Promise<void>> {
	const inject = `inject=${SYNC}:delay_enter=${seconds}s`;
	const strace = spawn('strace', ['-f', '-p', String(pid), '-e', `trace=${SYNC}`, '-e', inject], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	await once(strace.stderr, 'data');
	strace.stderr.resume();
	// it also ends with the process
	const ended = once(strace, 'exit');
	return async () => {
		// a gentler end would wait for the calls that wait
		strace.kill('SIGKILL');
		await ended;
	};
}
