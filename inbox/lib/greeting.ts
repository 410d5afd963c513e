import { hostname, networkInterfaces } from 'node:os';
import path from 'node:path';
import type { Config } from './config.js';
import { pathOf } from './providers.js';
import type { Role } from './roles.js';

/**
 * Makes the lines that the terminal shows at startup.
 *
 * @param port - the TCP port in use
 * @param pagePath - the path that opens the page; a token that the operator has set is not shown
 * @param storedIn - names of the queue and the database that the process uses
 */
export function greeting(
	config: Config,
	role: Role | undefined,
	port: number,
	pagePath: string,
	storedIn: readonly string[],
): string {
	const isEveryAddress = config.host === '0.0.0.0' || config.host === '::';
	const url = (host: string) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
	const own = url(isEveryAddress ? 'localhost' : config.host);
	const provider = url(isEveryAddress ? addressOfMachine() : config.host);
	const shownPath = config.pageToken === undefined ? pagePath : '/?token=$PAGE_TOKEN';
	const note = isLocalOnly(config.host) ? '  (this machine only; see HOST in the README)' : '';
	const sample = path.join(__dirname, '..', 'public', 'sample.xml');
	const [{ credentials } = {}, ...named] = config.providers;
	const login = credentials ? ` -u '${credentials.user}'` : '';
	const receives = role === undefined || role === 'receive';
	const hasPage = role === undefined || role === 'page';
	const lines = [
		hasPage
			? `Page with the reports:  ${own}${shownPath}`
			: `Metrics:                ${own}/metrics${shownPath.slice(1)}`,
		receives && `URL for the provider:   ${provider}/mm7${note}`,
		...named.map((one) => receives && `${`URL for ${one.name}:`.padEnd(24)}${provider}${pathOf(one)}${note}`),
		`Reports are stored in:  ${storedIn.join(', then ')}`,
		receives &&
			`
To send a report from another terminal:

  curl -i '${own}/mm7'${login} -H 'Content-Type: text/xml' --data-binary '@${sample}'
`,
		'Press Ctrl-C to stop.',
	];
	return `\n${lines.filter(Boolean).join('\n')}\n`;
}

/** An address at which other machines reach this one, if it has one. */
function addressOfMachine(): string {
	const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
	const reachable = addresses.filter(({ internal }) => !internal);
	return (reachable.find(({ family }) => family === 'IPv4') ?? reachable[0])?.address ?? hostname();
}

/** Checks whether only this machine can reach an address to listen on. */
export function isLocalOnly(host: string): boolean {
	return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
