import { hostname, networkInterfaces } from 'node:os';
import path from 'node:path';
import type { Config } from './config.js';
import type { Role } from './roles.js';

/**
 * The few lines that a person reads first.
 *
 * @param port - that is listened on
 * @param pagePath - what opens the page
 * @param keptIn - names of the queue and the database, as far as the process uses them
 */
export function greeting(
	config: Config,
	role: Role | undefined,
	port: number,
	pagePath: string,
	keptIn: readonly string[],
): string {
	const own = `http://${isEveryAddress(config.host) ? 'localhost' : bracketed(config.host)}:${port}`;
	const provider = `http://${isEveryAddress(config.host) ? bracketed(addressOfMachine()) : bracketed(config.host)}:${port}`;
	const sample = path.join(__dirname, '..', 'public', 'sample.xml');
	const login = config.mm7 ? ` -u '${config.mm7.user}'` : '';
	const receives = role === undefined || role === 'receive';
	const lines = [
		(role === undefined || role === 'page') && `Page with the reports:  ${own}${pagePath}`,
		receives &&
			`URL for the provider:   ${provider}/mm7${isLocalOnly(config.host) ? '  (this machine only; see HOST in the README)' : ''}`,
		(role === 'receive' || role === 'work') && `Metrics:                ${own}/metrics${pagePath.slice(1)}`,
		`Reports are kept in:    ${keptIn.join(', then ')}`,
		receives &&
			`
Send a report from another terminal:

  curl -i '${own}/mm7'${login} -H 'Content-Type: text/xml' --data-binary '@${sample}'
`,
		'Ctrl-C stops.',
	];
	return `\n${lines.filter(Boolean).join('\n')}\n`;
}

function isEveryAddress(host: string): boolean {
	return host === '0.0.0.0' || host === '::';
}

/** An address by which other machines reach this one, if it has one. */
function addressOfMachine(): string {
	const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
	const reachable = addresses.filter(({ internal }) => !internal);
	return (reachable.find(({ family }) => family === 'IPv4') ?? reachable[0])?.address ?? hostname();
}

/** Whether an address to listen on is reached from this machine only. */
export function isLocalOnly(host: string): boolean {
	return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function bracketed(host: string): string {
	return host.includes(':') ? `[${host}]` : host;
}
