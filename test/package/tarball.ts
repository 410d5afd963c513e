import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { command } from './command.js';
import type { Manifest } from './manifest.js';

/** The repository. */
export const ROOT = path.join(__dirname, '../..');

/** A file of the tarball. */
export interface PackedFile {
	/** Without the leading `package/`. */
	readonly path: string;
	/** Permission bits. */
	readonly mode: number;
}

/** What `npm publish` would send. */
export interface Tarball {
	/** The file itself. */
	readonly file: string;
	readonly files: readonly PackedFile[];
	/** Bytes of the tarball. */
	readonly size: number;
	/** Bytes of its files. */
	readonly unpackedSize: number;
	/** The folder where the files lie, unpacked. */
	readonly folder: string;
	/** The package.json inside. */
	readonly manifest: Manifest;
}

/** Builds and packs into a folder. The build is that of `prepack`, as for a release. */
export async function pack(folder: string): Promise<Tarball> {
	const args = ['pack', '--json', '--foreground-scripts=false', '--pack-destination', folder];
	const [packed] = JSON.parse(await command('npm', args, { cwd: ROOT }));
	const file = path.join(folder, packed.filename);
	const unpacked = path.join(folder, 'unpacked');
	mkdirSync(unpacked);
	await command('tar', ['-xzf', file, '-C', unpacked, '--strip-components=1'], { cwd: folder });
	const manifest = JSON.parse(readFileSync(path.join(unpacked, 'package.json'), 'utf8'));
	return { ...packed, file, folder: unpacked, manifest };
}
