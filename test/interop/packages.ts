import { spawnSync } from 'node:child_process';
import type { Stack } from './stacks.js';

/** Debian's packages of a stack that are not installed. */
export function missingPackages({ packages }: Stack): string[] {
	return packages.filter((name) => versionOf(name) === undefined);
}

/** The version of a stack without what Debian adds to it; `undefined` where it is not installed. */
export function stackVersion({ packages: [first = ''], version }: Stack): string | undefined {
	return (
		version ??
		versionOf(first)
			?.replace(/^\d+:/, '')
			.replace(/[-+].*$/, '')
	);
}

function versionOf(name: string): string | undefined {
	// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query puts the values in
	const query = ['-W', '-f', '${db:Status-Status} ${Version}', name];
	const { stdout } = spawnSync('dpkg-query', query, { encoding: 'utf8' });
	const [status, version] = (stdout ?? '').split(' ');
	return status === 'installed' ? version : undefined;
}
