import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { namedFiles } from './manifest.js';
import type { Group } from './report.js';
import { ROOT, type Tarball } from './tarball.js';

/** Documents, and the sources that the declaration maps lead to. */
const AS_WRITTEN = /^(?:package\.json|README\.md|LICENSE|CHANGELOG\.md|SECURITY\.md|docs\/.+|lib\/.+\.ts)$/;

/** What the tarball holds. */
export function contents(tarball: Tarball): Group {
	const { files, size, unpackedSize } = tarball;
	return {
		title: `Contents of ${path.basename(tarball.file)}: ${files.length} files, ${kB(size)} packed, ${kB(unpackedSize)} unpacked`,
		checks: [
			{
				title: 'nothing but lib/, compiled and as written, and the documents',
				run: async () => refuseAny(strangers(tarball)),
			},
			{ title: 'every file that package.json names', run: async () => refuseAny(missing(tarball)) },
			{ title: 'every document in docs/ that the README links to', run: async () => refuseAny(lostDocuments(tarball)) },
			{ title: 'a declaration map for each declaration', run: async () => refuseAny(withoutMap(tarball)) },
			{ title: 'bin is executable', run: async () => refuseAny(notExecutable(tarball)) },
			{ title: 'no source map that leads nowhere', run: async () => refuseAny(files.flatMap(lostSources(tarball))) },
		],
	};
}

function kB(bytes: number): string {
	return `${(bytes / 1000).toFixed(1)} kB`;
}

function refuseAny(problems: readonly string[]): void {
	if (problems.length > 0) throw new Error(problems.join('\n'));
}

/** Tests, examples, and what an earlier build left, have no source in lib/. */
function strangers({ files }: Tarball): string[] {
	return files.map((file) => file.path).filter((file) => !AS_WRITTEN.test(file) && !hasSource(file));
}

function hasSource(file: string): boolean {
	const [, module] = /^dist\/(.+?)(?:\.d\.ts|\.js)(?:\.map)?$/.exec(file) ?? [];
	return module !== undefined && existsSync(path.join(ROOT, 'lib', `${module}.ts`));
}

function missing({ files, manifest }: Tarball): string[] {
	const packed = new Set(files.map((file) => file.path));
	return namedFiles(manifest).filter((file) => !packed.has(file));
}

function lostDocuments({ files, folder }: Tarball): string[] {
	const packed = new Set(files.map((file) => file.path));
	const links = [...text(folder, 'README.md').matchAll(/\]\((docs\/[^)#]+)/g)].map(
		([, document]) => document as string,
	);
	if (links.length === 0) return ['the README links to none'];
	return links.filter((document) => !packed.has(document));
}

/** Where an editor goes from a name to its source. */
function withoutMap({ files, folder }: Tarball): string[] {
	const declarations = files.map((file) => file.path).filter((file) => file.endsWith('.d.ts'));
	return declarations.filter(
		(file) => !text(folder, file).includes(`//# sourceMappingURL=${path.posix.basename(file)}.map`),
	);
}

function notExecutable({ files, folder, manifest }: Tarball): string[] {
	return Object.values(manifest.bin).flatMap((named) => {
		const file = path.posix.normalize(named);
		const executable = files.some((packed) => packed.path === file && packed.mode & 0o111);
		const started = existsSync(path.join(folder, file)) && text(folder, file).startsWith('#!/usr/bin/env node\n');
		// npm makes it executable by itself; who packs with another tool takes the file as it was built
		const built = existsSync(path.join(ROOT, file)) && statSync(path.join(ROOT, file)).mode & 0o111;
		return executable && started && built ? [] : [file];
	});
}

/** Maps, and sources of maps, that a debugger would look for in vain. */
function lostSources({ files, folder }: Tarball): (file: { path: string }) => string[] {
	const packed = new Set(files.map((file) => file.path));
	const lost = (from: string, to: string) =>
		packed.has(path.posix.join(path.posix.dirname(from), to)) ? [] : [`${from} → ${to}`];
	return ({ path: file }) => {
		if (/\.(?:js|d\.ts)$/.test(file)) {
			const maps = [...text(folder, file).matchAll(/sourceMappingURL=(?!data:)(\S+)/g)];
			return maps.flatMap(([, map]) => lost(file, map as string));
		}
		if (!file.endsWith('.map')) return [];
		const { sources, sourcesContent } = JSON.parse(text(folder, file));
		return sourcesContent ? [] : sources.flatMap((source: string) => lost(file, source));
	};
}

function text(folder: string, file: string): string {
	return readFileSync(path.join(folder, file), 'utf8');
}
