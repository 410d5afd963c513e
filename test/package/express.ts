import path from 'node:path';
import { command } from './command.js';
import { project } from './project.js';
import type { Check, Group } from './report.js';
import type { Tarball } from './tarball.js';
import { expressVersions, nodes, nodeVersions } from './versions.js';

const FILES = ['receiver.cjs', 'sinch-request.cjs', 'answers-sinch.cjs', 'simulator.cjs'];

/** Apps with each Express on each Node.js, and the command against such an app. */
export function express({ file, manifest }: Tarball, folder: string): Group {
	const nodeFolders = nodes(folder, nodeVersions(manifest));
	const checks = expressVersions(manifest).map((version) => {
		const installed = project(path.join(folder, `express-${version}`), [file, `express@${version}`], FILES);
		return [...nodeFolders].map(([nodeVersion, nodeFolder]) => {
			const on = `Express ${version} on Node.js ${nodeVersion}`;
			const run = async (program: string) =>
				(await command('node', [program], { cwd: await installed(), path: await nodeFolder() })).trim();
			return {
				request: {
					title: `the request that Sinch documents, ${on}`,
					run: async () => expectVersions(JSON.parse(await run('answers-sinch.cjs')), version, nodeVersion),
				},
				simulator: { title: `npx mm7-delivery-reports simulate, ${on}`, run: () => run('simulator.cjs') },
			} satisfies Record<string, Check>;
		});
	});
	return {
		title: 'Apps',
		checks: [
			...checks.flat().map(({ request }) => request),
			...(checks.at(-1) ?? []).map(({ simulator }) => simulator),
		],
	};
}

/** Guards against a program that ran elsewhere than its title says. */
function expectVersions(found: { node: string; express: string }, express: string, node: string): string {
	const as = `Express ${found.express}, Node.js ${found.node}`;
	if (!isOf(found.express, express) || !isOf(found.node, node)) throw new Error(`it ran with ${as}`);
	return as;
}

function isOf(version: string, wanted: string): boolean {
	const exact = /^\d+\.\d+\.\d+$/.test(wanted);
	return exact ? version === wanted : major(version) === major(wanted);
}

function major(version: string): string | undefined {
	return /\d+/.exec(version)?.[0];
}
