import { existsSync, fsyncSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type EmscriptenOptions = Parameters<NodeFS['init']>[1];
interface Mounter {
	NODEFS: { stream_ops: { fsync?: (stream: { nfd?: number }) => number } };
}

/**
 * The file system of PGlite for Node.js, with an fsync that reaches the disk: Emscripten's knows none and reports
 * success. So a committed report outlives not only this process but a power cut.
 */
export class DurableNodeFs extends NodeFS {
	/** Whether the folder held no database. */
	readonly isNew = !existsSync(path.join(this.rootDir, 'PG_VERSION'));

	override async init(pglite: PGlite, options: EmscriptenOptions): ReturnType<NodeFS['init']> {
		const { emscriptenOpts } = await super.init(pglite, options);
		const addFsync = (module: unknown) => {
			(module as Mounter).NODEFS.stream_ops.fsync = ({ nfd }) => {
				// a folder has no descriptor here
				if (nfd !== undefined) fsyncSync(nfd);
				return 0;
			};
		};
		return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addFsync] } };
	}
}

/** Brings every file of a folder to the disk: PGlite copies a new database into place without that. */
export async function syncFolder(folder: string): Promise<void> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	for (const entry of entries) {
		if (entry.isFile() || entry.isDirectory()) await syncPath(path.join(entry.parentPath, entry.name));
	}
	await syncPath(folder);
}

async function syncPath(name: string): Promise<void> {
	const handle = await open(name, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}
