import path from 'node:path';
import { node } from './command.js';
import { entryPoints } from './manifest.js';
import { project } from './project.js';
import type { Check, Group } from './report.js';
import type { Tarball } from './tarball.js';

/** JavaScript in a project that has nothing but the package. */
export function javascript({ file, manifest }: Tarball, folder: string): Group {
	const files = ['require.cjs', 'import.mjs', 'entry-point.cjs', 'closed.cjs'];
	const installed = project(path.join(folder, 'javascript'), [file], files);
	const program = (title: string, ...args: string[]): Check => ({
		title,
		run: async () => (await node(args, { cwd: await installed() })).trim(),
	});
	return {
		title: 'JavaScript',
		checks: [
			program('require', 'require.cjs'),
			program('import, by name', 'import.mjs'),
			...entryPoints(manifest).map((name) => program(`${name} by require and import`, 'entry-point.cjs', name)),
			program('no way to files inside', 'closed.cjs'),
		],
	};
}
