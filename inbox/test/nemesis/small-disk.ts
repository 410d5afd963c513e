import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A disk that is soon full. */
export interface SmallDisk {
	readonly folder: string;
	/** Leaves only so many bytes. */
	fill(rest: number): void;
	/** Takes away what filled it. */
	free(): void;
	remove(): void;
}

/**
 * Mounts a small disk in memory.
 *
 * @param owner - of its folder; default: this process
 * @returns `undefined`, and says so, where mounting is not permitted; not so in CI, where it has to be
 */
export function mountSmallDisk(megabytes: number, owner?: string): SmallDisk | undefined {
	const folder = mkdtempSync(path.join(tmpdir(), 'inbox-disk-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder], { stdio: 'pipe' });
	} catch (error) {
		rmSync(folder, { recursive: true });
		if (process.env['CI'] === 'true') throw error;
		console.log(`      no full disk here: ${(error as Error).message.trim()}`);
		return undefined;
	}
	if (owner) execFileSync('chown', [owner, folder]);
	const filler = path.join(folder, 'filler');
	return {
		folder,
		fill(rest) {
			const { bavail, bsize } = statfsSync(folder);
			writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - rest)));
		},
		free: () => rmSync(filler),
		remove() {
			execFileSync('umount', ['--lazy', folder]);
			rmSync(folder, { recursive: true });
		},
	};
}
