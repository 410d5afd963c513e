/** The fields of a package.json that say what users can reach. */
export interface Manifest {
	readonly name: string;
	readonly version: string;
	readonly main?: string;
	readonly types?: string;
	readonly exports: Readonly<Record<string, Target>>;
	readonly typesVersions?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
	readonly bin: Readonly<Record<string, string>>;
	readonly engines: { readonly node: string };
	readonly peerDependencies: { readonly express: string };
}

type Target = string | { readonly [condition: string]: Target };

/** What `import` may be given: the name of the package, and its subpaths. */
export function entryPoints({ name, exports }: Manifest): string[] {
	const subpaths = Object.keys(exports);
	const pattern = subpaths.find((subpath) => subpath.includes('*'));
	if (pattern) throw new Error(`the pattern ${pattern} in exports is nothing that can be checked: name each subpath`);
	return subpaths.map((subpath) => name + subpath.slice(1));
}

/** Of these, those that are modules, not data. */
export function modules(manifest: Manifest): string[] {
	return entryPoints(manifest).filter((specifier) => !specifier.endsWith('.json'));
}

/** The files that the manifest names, as paths in the tarball. */
export function namedFiles({ main, types, exports, typesVersions, bin }: Manifest): string[] {
	return [...new Set(texts([main, types, exports, typesVersions, bin]))].map((file) => file.replace(/^\.\//, ''));
}

function texts(value: unknown): string[] {
	if (typeof value === 'string') return [value];
	return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
}
