import { type ChildProcess, type ExecFileException, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Tokens } from 'marked';
import { deliveryReportRequest } from '../../lib/provider/testing/index.js';
import { ROOT, readMarkdown, tokensOf } from '../support/markdown.js';
import { sendByHttp } from '../support/provider.js';

const CONSUMERS = path.join(__dirname, 'consumers');
const COMMAND_TIMEOUT_MS = 180_000;
/** The oldest version that `engines` allows, and the newest of each line. */
const NODE_VERSIONS = ['20.19.0', '22', '24', '26'];
/** Both ends of each range that `peerDependencies` allows. */
const EXPRESS_VERSIONS = ['4.18.0', '4', '5.0.0', '5'];
/** The oldest TypeScript that reads the types, and the newest. */
const TYPESCRIPT_VERSIONS = ['5.6', '7'];

/** Room that both packages take with everything that they install. */
const MAX_MEBIBYTES = 60;
const MAX_PACKAGES = 109;
/** From `npx mm7-inbox` to the link, on an idle machine. */
const MAX_START_MS = 2_000;

/** The environment without the options of this process, tsx above all. */
const { NODE_OPTIONS: _, ...ENV } = process.env;

/** Runs a program and returns what it printed. */
async function run(cwd: string, program: string, ...args: string[]): Promise<string> {
	try {
		const { stdout } = await promisify(execFile)(program, args, { cwd, env: ENV, timeout: COMMAND_TIMEOUT_MS });
		return stdout.trim();
	} catch (error) {
		const { message, stdout, stderr } = error as ExecFileException;
		throw new Error(`${message}\n${stdout}${stderr}`);
	}
}

/** A program that runs until it is stopped, in a process group of its own: npx does not pass signals on. */
class Running {
	readonly #child: ChildProcess;
	#output = '';

	constructor(cwd: string, env: NodeJS.ProcessEnv, program: string, ...args: string[]) {
		const options: SpawnOptions = {
			cwd,
			env: { ...ENV, ...env },
			stdio: ['ignore', 'pipe', 'inherit'],
			detached: true,
		};
		this.#child = spawn(program, args, options);
	}

	/** Waits until it has printed a match. */
	async printed(pattern: RegExp): Promise<RegExpExecArray> {
		for (;;) {
			const match = pattern.exec(this.#output);
			if (match) return match;
			const [chunk] = await Promise.race([
				once(this.#child.stdout as NodeJS.ReadableStream, 'data'),
				once(this.#child, 'exit').then(([code]) => {
					throw new Error(`exited with ${code}: ${this.#output}`);
				}),
			]);
			this.#output += chunk;
		}
	}

	/** @returns its exit code and signal */
	async stop(): Promise<unknown[]> {
		const closed = once(this.#child, 'close');
		process.kill(-(this.#child.pid as number), 'SIGTERM');
		return closed;
	}
}

interface Packed {
	readonly tarball: string;
	/** Paths of its files. */
	readonly files: readonly string[];
	readonly manifest: Readonly<Record<string, unknown>>;
}

describe('the packages as installed', function () {
	this.timeout(300_000);

	const folder = mkdtempSync(path.join(tmpdir(), 'mm7-package-'));
	/** Programs by version. */
	const nodes = new Map<string, string>();
	const compilers = new Map<string, string>();
	let receiver: Packed;
	let inbox: Packed;

	before(async () => {
		const above = path.resolve(folder, '../node_modules');
		expect(existsSync(above), `${above} exists, so programs would find packages that they did not install`).to.equal(
			false,
		);
		receiver = await pack(ROOT);
		inbox = await pack(path.join(ROOT, 'inbox'));
		const home = await project('tools', [
			...NODE_VERSIONS.map((version) => `node-${version}@npm:node-${process.platform}-${process.arch}@${version}`),
			...TYPESCRIPT_VERSIONS.map((version) => `typescript-${version}@npm:typescript@${version}`),
		]);
		const tool = (name: string, file: string) => path.join(home, 'node_modules', name, file);
		for (const version of NODE_VERSIONS) nodes.set(version, tool(`node-${version}`, 'bin/node'));
		for (const version of TYPESCRIPT_VERSIONS) compilers.set(version, tool(`typescript-${version}`, 'bin/tsc'));
	});
	after(() => rmSync(folder, { recursive: true, force: true }));

	async function pack(from: string): Promise<Packed> {
		await run(from, 'npm', 'run', 'prepack');
		const printed = await run(from, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', folder);
		const [{ filename, files }] = JSON.parse(printed) as [{ filename: string; files: { path: string }[] }];
		const manifest = JSON.parse(readFileSync(path.join(from, 'package.json'), 'utf8'));
		return { tarball: path.join(folder, filename), files: files.map((file) => file.path), manifest };
	}

	/** A new project with these packages and consumers. */
	async function project(name: string, packages: readonly string[], ...consumers: string[]): Promise<string> {
		const home = path.join(folder, name);
		mkdirSync(home);
		writeFileSync(path.join(home, 'package.json'), '{ "name": "empty", "version": "1.0.0", "private": true }');
		await install(home, packages);
		for (const consumer of consumers) cpSync(path.join(CONSUMERS, consumer), path.join(home, consumer));
		return home;
	}

	function install(home: string, packages: readonly string[]): Promise<string> {
		return run(home, 'npm', 'install', '--no-audit', '--no-fund', '--prefer-offline', ...packages);
	}

	describe('the tarballs', () => {
		it('contain code, types and documents, and depend on nothing by path', () => {
			for (const { files, manifest } of [receiver, inbox]) {
				const { dependencies, peerDependencies, optionalDependencies } = manifest;
				expect(JSON.stringify({ dependencies, peerDependencies, optionalDependencies })).not.to.include('"file:');
				const known =
					/^(?:package\.json|[A-Z]+(?:\.md)?|docs\/.+\.md|(?:dist|lib|monitoring|public)\/.+|\.env\.example|mm7-inbox\.service)$/;
				expect(files.filter((file) => !known.test(file))).to.deep.equal([]);
				expect(files).to.include.members(['README.md', 'CHANGELOG.md', 'LICENSE']);
			}
		});

		it('contain a declaration map, and its source, for each declaration', () => {
			const declarations = receiver.files.filter((file) => file.endsWith('.d.ts'));
			expect(declarations).to.include('dist/index.d.ts');
			const sources = declarations.map((file) => file.replace(/^dist/, 'lib').replace(/\.d\.ts$/, '.ts'));
			expect(receiver.files).to.include.members([...declarations.map((file) => `${file}.map`), ...sources]);
		});

		it('contain the documents that the README links to', () => {
			const links = readFileSync(path.join(ROOT, 'README.md'), 'utf8').matchAll(/\]\((docs\/[\w-]+\.md)/g);
			expect(receiver.files).to.include.members([...links].map(([, file]) => file));
		});
	});

	it('are released with the addresses of their repository, and links to it', async () => {
		const repository = 'https://github.com/owner/name';
		const home = path.join(folder, 'release');
		for (const file of ['package.json', 'README.md', 'inbox/package.json', 'inbox/README.md']) {
			cpSync(path.join(ROOT, file), path.join(home, file));
		}
		await run(home, process.execPath, path.join(ROOT, '.github/prepare-packages.mjs'), repository, 'v1.2.3');

		for (const own of ['.', 'inbox']) {
			const manifest = JSON.parse(readFileSync(path.join(home, own, 'package.json'), 'utf8'));
			expect(manifest)
				.to.include.keys('author', 'license', 'description', 'keywords')
				.and.to.deep.include({
					repository: { type: 'git', url: `git+${repository}.git`, directory: own },
					homepage: new URL(`${own}/README.md`, `${repository}/blob/v1.2.3/`).href,
					bugs: `${repository}/issues`,
				});

			const readme = readMarkdown(path.relative(ROOT, path.join(home, own, 'README.md')));
			const links = [...tokensOf<Tokens.Link>(readme, 'link'), ...tokensOf<Tokens.Image>(readme, 'image')];
			for (const { href, type } of links) {
				expect(href).to.match(/^(?:https:|#)/);
				const [, view, file] = /^https:\/\/github\.com\/owner\/name\/(\w+)\/v1\.2\.3\/([^#]+)/.exec(href) ?? [];
				if (file === undefined) continue;
				expect(view).to.equal(type === 'image' ? 'raw' : 'blob');
				expect(existsSync(path.join(ROOT, file)), file).to.equal(true);
			}
		}
	});

	describe('in JavaScript', () => {
		it('every export can be required and imported by name, and no other file, and npx finds the command', async () => {
			const home = await project('javascript', [receiver.tarball], 'imports.mjs');
			for (const node of nodes.values()) await run(home, node, 'imports.mjs');
			writeFileSync(path.join(home, 'report.xml'), deliveryReportRequest({}, { form: 'xml' }).body);
			const printed = await run(home, 'npx', '--no', 'mm7-delivery-reports', 'read', 'report.xml', '--json');
			expect(JSON.parse(printed).report.state).to.equal('delivered');
		});

		for (const express of EXPRESS_VERSIONS) {
			it(`an app on Express ${express} receives a report on every Node.js`, async () => {
				const packages = [receiver.tarball, `express@${express}`];
				const home = await project(`express-${express}`, packages, 'receives-a-report.cjs');
				for (const [version, node] of nodes) {
					const ran = await run(home, node, 'receives-a-report.cjs');
					expect(ran).to.match(new RegExp(`^${version}\\b.* ${express}\\b`));
				}
			});
		}

		it('mm7-inbox needs little room, and soon prints a link and a command that works', async () => {
			const home = await project('inbox', [receiver.tarball, inbox.tarball]);
			const [kibibytes] = (await run(home, 'du', '-sk', 'node_modules')).split('\t');
			expect(Number(kibibytes) / 1024).to.be.at.most(MAX_MEBIBYTES);
			const { components } = JSON.parse(await run(home, 'npm', 'sbom', '--sbom-format', 'cyclonedx'));
			expect(components).to.have.length.at.most(MAX_PACKAGES);

			const startTimes: number[] = [];
			while (startTimes.length < 3) {
				const start = performance.now();
				const running = new Running(home, { PORT: '0' }, 'npx', '--no', 'mm7-inbox');
				try {
					await running.printed(/\?token=/);
					startTimes.push(performance.now() - start);
					const [, curl] = await running.printed(/\n +(curl .+)\n/);
					await running.printed(/waiting for reports/);
					expect(await run(home, 'sh', '-c', curl as string)).to.include('<StatusCode>1000<');
				} finally {
					await running.stop();
				}
			}
			expect(Math.min(...startTimes)).to.be.below(MAX_START_MS);
		});

		it('mm7-inbox starts, stores a report and stops on every Node.js', async () => {
			const home = path.join(folder, 'inbox');
			for (const [version, node] of nodes) {
				const env = { PORT: '0', DATA_DIR: `data-${version}` };
				const running = new Running(home, env, node, 'node_modules/mm7-inbox/dist/main.js');
				try {
					const [, url] = await running.printed(/(http:\/\/127\.0\.0\.1:\d+\/mm7)/);
					await running.printed(/waiting for reports/);
					const request = deliveryReportRequest({ transactionId: version });
					expect(await sendByHttp(url as string, request, version)).to.include({ verdict: 'accepted' });
				} finally {
					expect(await running.stop(), `Node.js ${version}`).to.deep.equal([0, null]);
				}
			}
		});
	});

	describe('in an example that was copied out of the repository', () => {
		async function copied(name: string): Promise<string> {
			const home = path.join(folder, `example-${name}`);
			const isOurs = (source: string) => path.basename(source) !== 'node_modules';
			cpSync(path.join(ROOT, 'examples', name), home, { recursive: true, filter: isOurs });
			await install(home, [receiver.tarball]);
			return home;
		}

		it('basic receives a report', async () => {
			const home = await copied('basic');
			const running = new Running(home, { PORT: '0' }, process.execPath, '--import', 'tsx', 'start.ts');
			try {
				const [, url] = await running.printed(/(http:\/\/127\.0\.0\.1:\d+\/mm7)/);
				const request = deliveryReportRequest({ transactionId: '20260042' });
				expect(await sendByHttp(url as string, request, '20260042')).to.include({ verdict: 'accepted' });
			} finally {
				await running.stop();
			}
		});

		it('testing passes its tests', async () => {
			expect(await run(await copied('testing'), 'npm', 'test')).to.match(/\d+ passing/);
		});

		it('database starts, and reports that there is no database', async () => {
			const home = await copied('database');
			const url = 'postgres://localhost:1/none';
			const started = run(home, 'env', `DATABASE_URL=${url}`, 'npm', 'start');
			expect(await started.catch(({ message }: Error) => message)).to.match(/^connect ECONNREFUSED .*:1$/m);
		});
	});

	describe('in TypeScript', () => {
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
				// without the DOM, whose fetch could be mistaken for Node's
				options: { lib: ['es2023'] },
			},
		]) {
			describe(`with ${title}`, () => {
				let home: string;

				before(async () => {
					home = await project(title.replace(/\W+/g, '-'), [receiver.tarball, ...packages]);
				});

				for (const [type, module] of [
					['commonjs', { module: 'commonjs', esModuleInterop: true }],
					['module', { module: 'nodenext' }],
				] as const) {
					it(`a program compiles and runs, ${type}, ${module.module}`, async () => {
						for (const tsc of compilers.values()) {
							const program = readFileSync(path.join(CONSUMERS, consumer), 'utf8');
							const source = await compile(tsc, type, program, { ...module, ...options });
							await run(source, process.execPath, 'out/program.js');
						}
					});
				}

				it('the types compile without esModuleInterop and skipLibCheck', async () => {
					const program = ['mm7-delivery-reports', 'mm7-delivery-reports/testing']
						.map((name, index) => `export * as entry${index} from '${name}';\n`)
						.join('');
					// only old versions of TypeScript have the option
					const tsc = compilers.get('5.6') as string;
					await compile(tsc, 'commonjs', program, { module: 'commonjs', esModuleInterop: false, ...options });
				});

				/** @returns the folder with `out/program.js` */
				async function compile(tsc: string, type: string, program: string, options: object): Promise<string> {
					const source = mkdtempSync(path.join(home, `${type}-`));
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
					writeFileSync(path.join(source, 'program.ts'), program);
					writeFileSync(path.join(source, 'package.json'), JSON.stringify({ type }));
					writeFileSync(path.join(source, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
					await run(source, process.execPath, tsc, '-p', '.');
					return source;
				}
			});
		}
	});
});
