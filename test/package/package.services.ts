import { type ChildProcess, type ExecFileException, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { deliveryReportRequest } from '../../lib/provider/testing/index.js';
import { ROOT } from '../support/markdown.js';
import { sendByHttp } from '../support/provider.js';

const CONSUMERS = path.join(__dirname, 'consumers');
const COMMAND_TIMEOUT_MS = 180_000;
/** The oldest version that `engines` allows, and the newest of each line. */
const NODE_VERSIONS = ['20.19.0', '22', '24', '26'];
/** Both ends of each range that `peerDependencies` allows. */
const EXPRESS_VERSIONS = ['4.18.0', '4', '5.0.0', '5'];
/** The oldest TypeScript that reads the types, and the newest. */
const TYPESCRIPT_VERSIONS = ['5.6', '7'];

/** Runs a program with nothing of this process, tsx above all, and returns what it printed. */
async function run(cwd: string, program: string, ...args: string[]): Promise<string> {
	const { NODE_OPTIONS: _, ...env } = process.env;
	try {
		const { stdout } = await promisify(execFile)(program, args, { cwd, env, timeout: COMMAND_TIMEOUT_MS });
		return stdout.trim();
	} catch (error) {
		const { message, stdout, stderr } = error as ExecFileException;
		throw new Error(`${message}\n${stdout}${stderr}`);
	}
}

const output = new WeakMap<ChildProcess, string>();

/** Waits until a program has printed something. */
async function printed(child: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
	for (;;) {
		const match = pattern.exec(output.get(child) ?? '');
		if (match) return match;
		const [chunk] = await Promise.race([
			once(child.stdout as NodeJS.ReadableStream, 'data'),
			once(child, 'exit').then(([code]) => {
				throw new Error(`ended with ${code}: ${output.get(child)}`);
			}),
		]);
		output.set(child, (output.get(child) ?? '') + chunk);
	}
}

interface Packed {
	readonly file: string;
	readonly files: readonly { readonly path: string }[];
	readonly manifest: unknown;
}

describe('the packages as installed', function () {
	this.timeout(300_000);

	const folder = mkdtempSync(path.join(tmpdir(), 'mm7-package-'));
	let receiver: Packed;
	let inbox: Packed;

	before(async () => {
		receiver = await pack(ROOT);
		inbox = await pack(path.join(ROOT, 'inbox'));
	});
	after(() => rmSync(folder, { recursive: true, force: true }));

	async function pack(from: string): Promise<Packed> {
		await run(from, 'npm', 'run', 'prepack');
		const printed = await run(from, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
		const [{ filename, files }] = JSON.parse(printed);
		const manifest = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8'));
		return { file: path.join(folder, filename), files, manifest };
	}

	/** An empty project with these packages and consumers. */
	async function project(name: string, packages: readonly string[], ...consumers: string[]): Promise<string> {
		const home = path.join(folder, name);
		mkdirSync(home);
		writeFileSync(path.join(home, 'package.json'), '{ "private": true }');
		await run(home, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages);
		for (const consumer of consumers) cpSync(path.join(CONSUMERS, consumer), path.join(home, consumer));
		return home;
	}

	describe('the tarballs', () => {
		it('have code, types and documents, and no dependency by path', () => {
			for (const { files, manifest } of [receiver, inbox]) {
				expect(JSON.stringify(manifest)).not.to.include('"file:');
				const strangers = files
					.map((file) => file.path)
					.filter(
						(file) => !/^(?:package\.json|[A-Z]+(?:\.md)?|(?:dist|docs|lib|public)\/.+|\.env\.example)$/.test(file),
					);
				expect(strangers).to.deep.equal([]);
			}
		});

		it('have a declaration map, and its source, for each declaration', () => {
			const files = new Set(receiver.files.map((file) => file.path));
			const declarations = [...files].filter((file) => file.endsWith('.d.ts'));
			expect(declarations).to.include('dist/index.d.ts');
			for (const declaration of declarations) {
				expect(files).to.include(`${declaration}.map`);
				expect(files).to.include(declaration.replace(/^dist/, 'lib').replace(/\.d\.ts$/, '.ts'));
			}
		});

		it('have the documents that the README links to', () => {
			const files = receiver.files.map((file) => file.path);
			const links = readFileSync(path.join(ROOT, 'README.md'), 'utf8').matchAll(/\]\((docs\/[\w-]+\.md)/g);
			expect(files).to.include.members([...links].map(([, file]) => file));
		});
	});

	describe('in JavaScript', () => {
		const nodes = new Map<string, string>();

		before(async () => {
			const packages = NODE_VERSIONS.map(
				(version) => `node-${version}@npm:node-${process.platform}-${process.arch}@${version}`,
			);
			const home = await project('nodes', packages);
			for (const version of NODE_VERSIONS) {
				nodes.set(version, path.join(home, `node_modules/node-${version}/bin/node`));
			}
		});

		it('each export can be required, and imported by name, and no other file', async () => {
			const home = await project('javascript', [receiver.file], 'imports.mjs');
			for (const node of nodes.values()) await run(home, node, 'imports.mjs');
		});

		for (const express of EXPRESS_VERSIONS) {
			it(`an app on Express ${express} receives a report on every Node.js`, async () => {
				const packages = [receiver.file, `express@${express}`];
				const home = await project(`express-${express}`, packages, 'receives-a-report.cjs');
				for (const [version, node] of nodes) {
					const ran = await run(home, node, 'receives-a-report.cjs');
					expect(ran).to.match(new RegExp(`^${version}\\b.* ${express}\\b`));
				}
			});
		}

		it('npx finds the command', async () => {
			const home = await project('command', [receiver.file]);
			writeFileSync(path.join(home, 'report.xml'), deliveryReportRequest({}, { form: 'xml' }).body);
			const printed = await run(home, 'npx', '--no', 'mm7-delivery-reports', 'read', 'report.xml', '--json');
			expect(JSON.parse(printed).report.state).to.equal('delivered');
		});

		it('mm7-inbox starts, stores a report and stops on every Node.js', async () => {
			const home = await project('inbox', [receiver.file, inbox.file]);
			for (const [version, node] of nodes) {
				const env = { PATH: process.env['PATH'], PORT: '0', DATA_DIR: `data-${version}` };
				const program = path.join(home, 'node_modules/mm7-inbox/dist/main.js');
				const child = spawn(node, [program], { cwd: home, env, stdio: ['ignore', 'pipe', 'inherit'] });
				try {
					const [, url] = await printed(child, /(http:\/\/127\.0\.0\.1:\d+\/mm7)/);
					await printed(child, /waiting for reports/);
					const request = deliveryReportRequest({ transactionId: version });
					expect(await sendByHttp(url as string, request, version)).to.include({ verdict: 'accepted' });
				} finally {
					child.kill('SIGTERM');
				}
				expect(await once(child, 'exit'), `Node.js ${version}`).to.deep.equal([0, null]);
			}
		});
	});

	describe('in TypeScript', () => {
		const compilers = new Map<string, string>();

		before(async () => {
			for (const version of TYPESCRIPT_VERSIONS) {
				const home = await project(`typescript-${version}`, [`typescript@${version}`]);
				compilers.set(version, path.join(home, 'node_modules/typescript/bin/tsc'));
			}
		});

		for (const { title, packages, consumer, options } of [
			{
				title: '@types/express 5',
				packages: ['express@5', '@types/express@5', '@types/node@latest'],
				consumer: 'with-express-types.ts',
				options: {},
			},
			{
				title: '@types/express 4',
				packages: ['express@4', '@types/express@4', '@types/node@20'],
				consumer: 'with-express-types.ts',
				options: {},
			},
			{
				title: 'no @types/express',
				packages: ['@types/node@22'],
				consumer: 'without-express-types.ts',
				// there is no DOM whose fetch could stand in for Node's
				options: { lib: ['es2023'] },
			},
		]) {
			for (const [type, module] of [
				['commonjs', { module: 'commonjs', esModuleInterop: true }],
				['module', { module: 'nodenext' }],
			] as const) {
				it(`a program compiles and runs with ${title}, ${type}, ${module.module}`, async () => {
					const home = path.join(folder, title.replace(/\W+/g, '-'));
					if (!existsSync(home)) await project(path.basename(home), [receiver.file, ...packages]);
					for (const tsc of compilers.values()) {
						const source = mkdtempSync(path.join(home, `${type}-`));
						cpSync(path.join(CONSUMERS, consumer), path.join(source, 'consumer.ts'));
						writeFileSync(path.join(source, 'package.json'), JSON.stringify({ type }));
						compile(source, { ...module, ...options });
						await run(source, process.execPath, tsc, '-p', '.');
						await run(source, process.execPath, 'out/consumer.js');
					}
				});
			}

			it(`the types compile with ${title}, without esModuleInterop and skipLibCheck`, async () => {
				const home = path.join(folder, title.replace(/\W+/g, '-'));
				if (!existsSync(home)) await project(path.basename(home), [receiver.file, ...packages]);
				for (const [version, tsc] of compilers) {
					const source = mkdtempSync(path.join(home, 'entry-points-'));
					const entryPoints = ['mm7-delivery-reports', 'mm7-delivery-reports/testing'];
					const lines = entryPoints.map((name, index) => `export * as entry${index} from '${name}';\n`);
					writeFileSync(path.join(source, 'entry-points.ts'), lines.join(''));
					// TypeScript 7 knows no other way
					const interop = version === '5.6' ? { esModuleInterop: false } : {};
					compile(source, { module: 'commonjs', ...interop, ...options });
					await run(source, process.execPath, tsc, '-p', '.');
				}
			});
		}

		function compile(source: string, options: object): void {
			const compilerOptions = {
				target: 'es2022',
				outDir: 'out',
				types: ['node'],
				strict: true,
				exactOptionalPropertyTypes: true,
				noUncheckedIndexedAccess: true,
				skipLibCheck: false,
				skipDefaultLibCheck: true,
				...options,
			};
			writeFileSync(path.join(source, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
		}
	});
});
