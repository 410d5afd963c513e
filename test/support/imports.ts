import { join, relative } from 'node:path';
import { Project, type SourceFile } from 'ts-morph';

const ROOT = join(__dirname, '../..');

/** One module that names another. */
export interface Import {
	/** The file that says it, from the root of the repository. */
	readonly from: string;
	/** A file from the root of the repository, or the name of a package. */
	readonly to: string;
	/** Whether nothing is left of it in JavaScript. */
	readonly typeOnly: boolean;
}

/** Every import, re-export and `import('…')` type in files of the repository. */
export function importsIn(glob: string): Import[] {
	const project = new Project({ tsConfigFilePath: join(ROOT, 'tsconfig.json'), skipAddingFilesFromTsConfig: true });
	return project.addSourceFilesAtPaths(join(ROOT, glob)).flatMap(importsOf);
}

function importsOf(file: SourceFile): Import[] {
	const declarations = [...file.getImportDeclarations(), ...file.getExportDeclarations()];
	return file.getImportStringLiterals().map((literal) => {
		const target = literal.getLiteralText();
		const declaration = declarations.find((one) => one.getModuleSpecifier() === literal);
		return {
			from: relative(ROOT, file.getFilePath()),
			to: target.startsWith('.')
				? relative(ROOT, join(file.getDirectoryPath(), target.replace(/\.js$/, '.ts')))
				: target,
			// a type in the text, import('express').Request, has no declaration
			typeOnly: declaration === undefined || isTypeOnly(declaration),
		};
	});
}

function isTypeOnly(declaration: ReturnType<SourceFile['getImportDeclarations' | 'getExportDeclarations']>[number]) {
	return declaration.isTypeOnly();
}

/** The first way from a file back to itself, file by file; nothing where there is none. */
export function cycleIn(imports: readonly Import[]): string[] | undefined {
	const done = new Set<string>();
	const visit = (file: string, way: readonly string[]): string[] | undefined => {
		if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
		if (done.has(file)) return undefined;
		for (const { to } of imports.filter(({ from }) => from === file)) {
			const cycle = visit(to, [...way, file]);
			if (cycle) return cycle;
		}
		done.add(file);
		return undefined;
	};
	for (const { from } of imports) {
		const cycle = visit(from, []);
		if (cycle) return cycle;
	}
	return undefined;
}
