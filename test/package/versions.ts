import path from 'node:path';
import type { Manifest } from './manifest.js';
import { type Project, project } from './project.js';

/** The oldest TypeScript that reads our types: what the newest @types/node and @types/express ask for, too. */
export const OLDEST_TYPESCRIPT = '5.6';

/** The newest of each line of Node.js that is served beside the oldest. */
export const NODE_LINES = ['22', '24', '26'];

/** The versions of Node.js that are proved: the oldest that `engines` allows, and the newest of each line. */
export function nodeVersions({ engines }: Manifest): string[] {
	return [oldest(engines.node), ...NODE_LINES];
}

/** The versions of Express that are proved: both ends of each range that `peerDependencies` allows. */
export function expressVersions({ peerDependencies }: Manifest): string[] {
	const ranges = peerDependencies.express.split('||').map((range) => range.trim());
	return ranges.flatMap((range) => [oldest(range), range]);
}

/** The lower end of a range like `>=20.19` or `^5`, with three numbers. */
function oldest(range: string): string {
	const [, version] = /^(?:>=|\^)(\d+(?:\.\d+){0,2})$/.exec(range) ?? [];
	if (version === undefined) throw new Error(`the range ${range} has no lower end that can be tested`);
	return `${version}.0.0`.split('.').slice(0, 3).join('.');
}

/** A Node.js of some version: the folder of its program. */
export type NodeFolder = () => Promise<string>;

/**
 * Gets Node.js from the npm registry, where the package `node` keeps its programs by platform.
 *
 * @param folder - where to install
 * @returns for each version its folder, installed when the first is asked for
 */
export function nodes(folder: string, versions: readonly string[]): ReadonlyMap<string, NodeFolder> {
	const platform = process.platform === 'win32' ? 'win' : process.platform;
	const packages = versions.map((version) => `node-${version}@npm:node-${platform}-${process.arch}@${version}`);
	const installed: Project = project(path.join(folder, 'nodes'), packages);
	return new Map(
		versions.map((version) => [version, async () => path.join(await installed(), `node_modules/node-${version}/bin`)]),
	);
}
