/**
 * `npm run check:package`: packs the package as `npm publish` would, and proves the tarball as users get it: its
 * contents, its types, and its work in projects that install it. Everything happens in a temporary folder.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { contents } from './contents.js';
import { express } from './express.js';
import { javascript } from './javascript.js';
import { linters } from './linters.js';
import { report } from './report.js';
import { pack } from './tarball.js';
import { typescript } from './typescript.js';

async function main(): Promise<void> {
	const folder = mkdtempSync(path.join(tmpdir(), 'mm7-package-'));
	process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

	const tarball = await pack(folder);
	const groups = [contents, linters, javascript, typescript, express].map((group) => group(tarball, folder));
	const failures = await report(groups);
	process.exitCode = failures === 0 ? 0 : 1;
}

void main();
