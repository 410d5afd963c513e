import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';

/**
 * `npm run build`: lib to dist. A server may be running from dist, so nothing there is away for a moment: the files are
 * made elsewhere and each takes the place of the old one at once; then those go that are made no more.
 */
const root = path.join(__dirname, '..');
const dist = path.join(root, 'dist');
const made = mkdtempSync(path.join(root, 'dist-'));
try {
	const compiler = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc');
	const args = [compiler, '-p', path.join(root, 'tsconfig.build.json'), '--outDir', made];
	execFileSync(process.execPath, args, { stdio: 'inherit' });
	chmodSync(path.join(made, 'simulator/bin.js'), 0o755);

	const files = filesIn(made);
	for (const file of files) {
		mkdirSync(path.dirname(path.join(dist, file)), { recursive: true });
		renameSync(path.join(made, file), path.join(dist, file));
	}
	for (const file of filesIn(dist)) {
		if (!files.has(file)) rmSync(path.join(dist, file), { force: true });
	}
} catch (error) {
	// the compiler has said what is wrong
	if ((error as { status?: number }).status === undefined) throw error;
	process.exitCode = 1;
} finally {
	rmSync(made, { recursive: true, force: true });
}

function filesIn(folder: string): Set<string> {
	if (!existsSync(folder)) return new Set();
	const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => !entry.isDirectory());
	return new Set(files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))));
}
