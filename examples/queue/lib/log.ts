import { type Logger, pino } from 'pino';
import { makeLogger } from '../../../inbox/lib/log.js';

/** Exit code of a program whose output nobody reads any more: 128 and the number of SIGPIPE. */
export const OUTPUT_CLOSED = 141;

/**
 * Makes the logger of one process: JSON lines on standard output, as the inbox writes them.
 *
 * @param name - of the kind of process
 * @param onClosed - called when nobody reads them any more, as after `npm start | head`; default: the process ends
 */
export function processLog(
	name: string,
	level: string,
	onClosed: () => void = () => process.exit(OUTPUT_CLOSED),
): Logger {
	const output = pino.destination({ sync: true });
	output.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code === 'EPIPE') onClosed();
	});
	return makeLogger(level, output).child({ process: name, pid: process.pid });
}
