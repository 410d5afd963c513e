import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type ExportedDeclarations, Project, ts } from 'ts-morph';

/** One door of the package and what stands behind it. */
export interface EntryPoint {
	/** As a user imports it: `mm7-delivery-reports/testing`. */
	readonly specifier: string;
	/** Values before types, each in alphabetical order. */
	readonly exports: readonly Export[];
}

/** An exported name and the declaration that says what it is. */
export interface Export {
	readonly name: string;
	readonly declaration: ExportedDeclarations;
}

/** Reads the entry points that package.json exports, from the declarations that `npm run build` has made. */
export function entryPoints(root: string): EntryPoint[] {
	const { name, exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
		name: string;
		exports: Record<string, string | { types: string }>;
	};
	const project = new Project({
		skipAddingFilesFromTsConfig: true,
		compilerOptions: {
			module: ts.ModuleKind.NodeNext,
			target: ts.ScriptTarget.ES2022,
			lib: ['lib.es2023.d.ts'],
			types: ['node'],
			strict: true,
		},
	});
	return Object.entries(exports).flatMap(([subpath, target]) => {
		if (typeof target === 'string') return [];
		const file = project.addSourceFileAtPath(path.join(root, target.types));
		const found = [...file.getExportedDeclarations()].map(([exported, [declaration]]) => {
			if (!declaration) throw new Error(`${exported} of ${target.types} has no declaration`);
			return { name: exported, declaration };
		});
		return [{ specifier: path.posix.join(name, subpath), exports: found.sort(valuesFirst) }];
	});
}

function valuesFirst(one: Export, other: Export): number {
	return Number(isType(one)) - Number(isType(other)) || one.name.localeCompare(other.name, 'en');
}

function isType({ declaration }: Export): boolean {
	const kind = declaration.getKind();
	return kind === ts.SyntaxKind.InterfaceDeclaration || kind === ts.SyntaxKind.TypeAliasDeclaration;
}
