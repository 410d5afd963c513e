import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A disk that fills up quickly. */
export interface SmallDisk {
	readonly folder: string;
	/** Leaves at most this many bytes free. */
	fill(rest: number): void;
	/** Frees the space again. */
	free(): void;
	remove(): void;
}

/**
 * Mounts a small disk in memory.
 *
 * @param owner - owner of its folder; default: the user of this process
 * @returns `undefined` if mounting is not permitted, which in CI is an error
 */
export function mountSmallDisk(megabytes: number, owner?: string): SmallDisk | undefined {
	const folder = mkdtempSync(path.join(tmpdir(), 'inbox-disk-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
	} catch (error) {
		rmSync(folder, { recursive: true });
		if (process.env['CI'] === 'true') throw error;
		console.log(`      skipping the full disk: ${(error as Error).message.trim()}`);
		return undefined;
	}
	if (owner) execFileSync('chown', [owner, folder]);
	const filler = path.join(folder, 'filler');
	return {
		folder,
		fill(rest) {
			const { bavail, bsize } = statfsSync(folder);
			try {
				writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - rest)));
			} catch (error) {
				// others have written to it since
				if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
			}
		},
		free: () => rmSync(filler),
		remove() {
			execFileSync('umount', ['--lazy', folder]);
			rmSync(folder, { recursive: true });
		},
	};
}
