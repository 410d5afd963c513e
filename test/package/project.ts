import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { command } from './command.js';

/** Programs that use the package as users do. */
export const CONSUMERS = path.join(__dirname, 'consumers');

/** A project of a user, as soon as it is installed: its folder. */
export type Project = () => Promise<string>;

/**
 * Describes an empty project that installs packages; it is made when it is first asked for.
 *
 * @param folder - where to make it; must not exist
 * @param packages - as `npm install` takes them
 * @param files - of the consumers, copied into it. Default: none
 */
export function project(folder: string, packages: readonly string[], files: readonly string[] = []): Project {
	let installed: Promise<string> | undefined;
	return () => {
		installed ??= install(folder, packages, files);
		return installed;
	};
}

async function install(folder: string, packages: readonly string[], files: readonly string[]): Promise<string> {
	mkdirSync(folder);
	writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
	for (const file of files) cpSync(path.join(CONSUMERS, file), path.join(folder, file));
	const args = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
	await command('npm', [...args, ...packages], { cwd: folder });
	return folder;
}
