import { Writable } from 'node:stream';
import type { Logger } from 'pino';
import { makeLogger } from '../../../../inbox/lib/log.js';

/** A log that is kept, line by line, instead of being printed. */
export function keptLog(lines: object[] = []): Logger {
	const destination = new Writable({
		write(chunk, _encoding, done) {
			lines.push(JSON.parse(String(chunk)));
			done();
		},
	});
	return makeLogger('debug', destination);
}
