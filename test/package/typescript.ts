import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { node } from './command.js';
import { modules } from './manifest.js';
import { CONSUMERS, type Project, project } from './project.js';
import type { Check, Group } from './report.js';
import { ROOT, type Tarball } from './tarball.js';
import { OLDEST_TYPESCRIPT } from './versions.js';

/** How a user's project is set up: type of its package.json, and options of its compiler. */
interface Setup {
	readonly title: string;
	/** Whether it is compiled under `skipLibCheck` too, as most projects are. */
	readonly lenient?: true;
	readonly type: 'commonjs' | 'module';
	readonly options: Readonly<Record<string, unknown>>;
}

const SETUPS: readonly Setup[] = [
	{ title: 'nodenext, CommonJS', type: 'commonjs', options: { module: 'nodenext' }, lenient: true },
	{ title: 'nodenext, ESM', type: 'module', options: { module: 'nodenext' }, lenient: true },
	{ title: 'bundler, ESM', type: 'module', options: { module: 'esnext', moduleResolution: 'bundler' } },
	{ title: 'bundler, preserve', type: 'module', options: { module: 'preserve', moduleResolution: 'bundler' } },
	// node10 resolution, which knows no exports, in TypeScript 5; bundler resolution in 7
	{ title: 'commonjs', type: 'commonjs', options: { module: 'commonjs', esModuleInterop: true } },
];

/** What else a user has installed, and the program that he writes. */
interface Environment {
	readonly title: string;
	readonly folder: string;
	readonly packages: readonly string[];
	readonly consumer: string;
	readonly options: Readonly<Record<string, unknown>>;
}

const ENVIRONMENTS: readonly Environment[] = [
	{
		title: '@types/express 5',
		folder: 'types-express-5',
		packages: ['express@5', '@types/express@5', '@types/node@latest'],
		consumer: 'with-express-types.ts',
		options: {},
	},
	{
		title: '@types/express 4',
		folder: 'types-express-4',
		packages: ['express@4', '@types/express@4', '@types/node@20'],
		consumer: 'with-express-types.ts',
		options: {},
	},
	{
		title: 'no @types/express',
		folder: 'types-node',
		packages: ['@types/node@22'],
		consumer: 'without-express-types.ts',
		// TypeScript 7 takes no types of its own accord; and here is no DOM whose fetch could stand in for Node's
		options: { types: ['node'], lib: ['es2023'] },
	},
];

interface Compiler {
	readonly version: string;
	/** The program, as soon as it is installed. */
	readonly tsc: () => Promise<string>;
}

/** TypeScript projects of every kind: what they compile is run as well, so the types must tell the truth. */
export function typescript(tarball: Tarball, folder: string): Group {
	const compilers = [oldestCompiler(folder), ourCompiler()];
	const checks = ENVIRONMENTS.flatMap((environment) => {
		const installed = project(path.join(folder, environment.folder), [tarball.file, ...environment.packages]);
		return SETUPS.flatMap((setup) =>
			compilers.map((compiler) => ({
				title: `TypeScript ${compiler.version}, ${environment.title}, ${setup.title}`,
				run: () => compileAndRun(tarball, installed, environment, setup, compiler),
			})),
		);
	});
	const bare = project(path.join(folder, 'types-none'), [tarball.file]);
	return {
		title: 'TypeScript',
		checks: [...checks, ...compilers.map((compiler) => namesWhatIsMissing(bare, compiler))],
	};
}

/** Installed apart from our own, whose `tsc` it would replace in node_modules/.bin. */
function oldestCompiler(folder: string): Compiler {
	const installed = project(path.join(folder, 'typescript'), [`typescript@${OLDEST_TYPESCRIPT}`]);
	return {
		version: OLDEST_TYPESCRIPT,
		tsc: async () => path.join(await installed(), 'node_modules/typescript/bin/tsc'),
	};
}

function ourCompiler(): Compiler {
	const home = path.join(ROOT, 'node_modules/typescript');
	const { version } = JSON.parse(readFileSync(path.join(home, 'package.json'), 'utf8'));
	return { version, tsc: async () => path.join(home, 'bin/tsc') };
}

async function compileAndRun(
	{ manifest }: Tarball,
	installed: Project,
	{ consumer, options }: Environment,
	setup: Setup,
	compiler: Compiler,
): Promise<void> {
	const name = `${setup.title}-${compiler.version}`.replace(/\W+/g, '-');
	const cwd = path.join(await installed(), name);
	writeProject(cwd, setup, options);
	cpSync(path.join(CONSUMERS, consumer), path.join(cwd, 'consumer.ts'));
	const entries = modules(manifest).map((specifier, index) => `export * as entry${index} from '${specifier}';\n`);
	writeFileSync(path.join(cwd, 'entry-points.ts'), entries.join(''));
	const tsc = await compiler.tsc();
	await node([tsc, '-p', cwd], { cwd });
	if (setup.lenient) await node([tsc, '-p', cwd, '--skipLibCheck', '--noEmit'], { cwd });
	await node([path.join(cwd, 'out/consumer.js')], { cwd });
}

function writeProject(folder: string, { type, options }: Setup, more: Environment['options']): void {
	mkdirSync(folder);
	writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ private: true, type }));
	const compilerOptions = {
		target: 'es2022',
		outDir: 'out',
		strict: true,
		exactOptionalPropertyTypes: true,
		noUncheckedIndexedAccess: true,
		skipLibCheck: false,
		// the files of TypeScript itself, half of the time
		skipDefaultLibCheck: true,
		...options,
		...more,
	};
	writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
}

/** Our types need those of Node.js, which `@types/express` brings along: who has neither must learn what to do. */
function namesWhatIsMissing(installed: Project, compiler: Compiler): Check {
	return {
		title: `TypeScript ${compiler.version} without @types/node says what to install`,
		async run() {
			const cwd = path.join(await installed(), `missing-${compiler.version}`);
			writeProject(cwd, SETUPS[0] as Setup, {});
			cpSync(path.join(CONSUMERS, 'smallest.ts'), path.join(cwd, 'consumer.ts'));
			const said = await node([await compiler.tsc(), '-p', cwd], { cwd }).then(
				() => 'it compiled',
				(error: Error) => error.message,
			);
			const errors = said.split('\n').filter((line) => line.includes('error TS'));
			const others = errors.filter((line) => !/'node:\w+'|@types\/node/.test(line));
			if (!said.includes('npm i --save-dev @types/node') || others.length > 0) throw new Error(said);
		},
	};
}
