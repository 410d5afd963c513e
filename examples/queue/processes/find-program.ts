import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/** The Debian package of each program that may be needed. */
const PACKAGES = {
	'rabbitmq-server': 'rabbitmq-server',
	epmd: 'erlang-base',
	setpriv: 'util-linux',
	flock: 'util-linux',
} as const;

/** Debian's /usr/sbin/rabbitmq-server starts the node of the system only, so the program behind it comes first. */
const DIRECTORIES = ['/usr/lib/rabbitmq/bin', ...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/local/sbin'];

/**
 * Finds a program.
 *
 * @throws Error that says in one line how to get it
 */
export function findProgram(name: keyof typeof PACKAGES, directories: readonly string[] = DIRECTORIES): string {
	const found = directories.map((directory) => path.join(directory, name)).find(isExecutable);
	if (found !== undefined) return found;
	throw new Error(
		`${name} was not found: install it (Debian, Ubuntu: sudo apt-get install ${PACKAGES[name]}), ` +
			'or set RABBITMQ_URL to a RabbitMQ that you have',
	);
}

function isExecutable(file: string): boolean {
	try {
		accessSync(file, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
