import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from './config.js';

/** The file in which `npm start` leaves the URLs of its nodes, their password with them, for the other commands. */
export function nodesFile(folder: string): string {
	return path.join(folder, 'urls');
}

/**
 * Finds the nodes to connect to: those of the configuration, else those that `npm start` runs.
 *
 * @throws Error that says what to do where there are none
 */
export function rabbitmqUrls({
	RABBITMQ_URL,
	RABBITMQ_DIR,
}: Pick<Config, 'RABBITMQ_URL' | 'RABBITMQ_DIR'>): readonly string[] {
	if (RABBITMQ_URL) return RABBITMQ_URL;
	try {
		return readFileSync(nodesFile(RABBITMQ_DIR), 'utf8').split(',');
	} catch {
		throw new Error('There is no RabbitMQ: set RABBITMQ_URL, or let "npm start" run one');
	}
}
