import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { generate } from 'selfsigned';
import { type CodeBlock, codeIn, markdownFiles, ROOT, readMarkdown } from './markdown.js';
import { type FromSample, FUNCTION_NAME, type StandIns, type ToSample } from './run-sample.js';

/** The folder of the samples' files, one per process: inside the package, so they can import it by its name. */
export const FOLDER = path.join(ROOT, '.samples', String(process.pid));

/** A code block of the documents that a reader may copy. */
export interface Sample {
	/** `docs/hosting.md:40` */
	readonly name: string;
	readonly code: string;
	/** Its file in the folder of samples. */
	readonly file: string;
	readonly source: string;
}

/** A key and a certificate, in PEM. */
export interface Identity {
	readonly key: string;
	readonly cert: string;
}

/** Packages that samples import and that are too large to be installed with the others, with their versions. */
export const EXTRA_PACKAGES = path.join(ROOT, 'test', 'documents', 'packages', 'package.json');
const { dependencies: extra } = JSON.parse(readFileSync(EXTRA_PACKAGES, 'utf8')) as { dependencies: object };

/** Checks whether a sample imports one of these packages. */
export function needsExtraPackages({ code }: Pick<Sample, 'code'>): boolean {
	return Object.keys(extra).some((name) => new RegExp(`from '${name}['/]`).test(code));
}

/** The code blocks of the documents. */
export function samples(): Sample[] {
	return markdownFiles().flatMap((document) =>
		codeIn(readMarkdown(document), 'ts', 'js').map((code) => ({
			name: `${document}:${code.line}`,
			code: code.value,
			file: `${document.replace(/\W+/g, '-')}-${code.line}.${extensionOf(code)}`,
			// error messages then show the line in the document
			source: `${'\n'.repeat(code.line - 1)}${code.value}\n`,
		})),
	);
}

function extensionOf({ lang, value }: CodeBlock): string {
	if (lang === 'ts') return 'mts';
	return value.includes('require(') ? 'cjs' : 'mjs';
}

const STAND_INS: readonly (keyof StandIns)[] = [
	'saveStatus',
	'handler',
	'bytes',
	'headers',
	'report',
	'app',
	'url',
	'expect',
];

const GLOBALS = `import type { StandIns } from '../../test/support/run-sample.js';

declare global {
${STAND_INS.map((name) => `\tconst ${name}: StandIns['${name}'];`).join('\n')}
}
`;

const TSCONFIG = {
	extends: '../../tsconfig.json',
	// a typical reader's strictness
	compilerOptions: {
		rootDir: '../..',
		types: ['node', 'chai'],
		noPropertyAccessFromIndexSignature: false,
		allowJs: true,
		checkJs: true,
		// NestJS
		experimentalDecorators: true,
	},
	include: ['*'],
};

/** Writes all samples and the files that they use. */
export async function writeSamples(all: readonly Sample[]): Promise<{ server: Identity; provider: Identity }> {
	const remove = () => rmSync(FOLDER, { recursive: true, force: true });
	remove();
	process.once('exit', remove);
	mkdirSync(FOLDER, { recursive: true });
	const write = (name: string, text: string) => writeFileSync(path.join(FOLDER, name), text);
	for (const { file, source } of all) write(file, source);
	write('globals.d.ts', GLOBALS);
	write('tsconfig.json', JSON.stringify(TSCONFIG));
	copyFileSync(path.join(ROOT, 'examples', 'basic', 'app.ts'), path.join(FOLDER, 'app.ts'));
	const [server, provider] = await Promise.all([identity('localhost'), identity('provider.example')]);
	write('server-key.pem', server.key);
	write('server-cert.pem', server.cert);
	write('provider-ca.pem', provider.cert);
	return { server, provider };
}

/** A self-signed certificate. */
export async function identity(name: string): Promise<Identity> {
	const { private: key, cert } = await generate([{ name: 'commonName', value: name }]);
	return { key, cert };
}

/** The compiler's errors for all samples. */
export function typeErrors(): string[] {
	const tsc = path.join(ROOT, 'node_modules', '.bin', 'tsc');
	const { stdout, error } = spawnSync(tsc, ['-p', FOLDER, '--pretty', 'false'], { cwd: FOLDER, encoding: 'utf8' });
	if (error) throw error;
	return stdout.split('\n').filter((line) => line !== '');
}

/** A running sample. */
export class RunningSample {
	readonly #child: ChildProcess;
	readonly #exit: Promise<unknown[]>;
	readonly #output = new EventEmitter();
	#printed = '';

	constructor({ file, code }: Sample, env: Readonly<Record<string, string>>) {
		const functionName = /\bhttp\('(\w+)'/.exec(code)?.[1];
		this.#child = fork(path.join(__dirname, 'run-sample.ts'), [path.join(FOLDER, file)], {
			cwd: FOLDER,
			execArgv: ['--import', 'tsx'],
			stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
			env: { ...process.env, ...env, ...(functionName !== undefined && { [FUNCTION_NAME]: functionName }) },
		});
		for (const stream of [this.#child.stdout, this.#child.stderr]) {
			stream?.on('data', (text: Buffer) => {
				this.#printed += text;
				this.#output.emit('more');
			});
		}
		this.#exit = once(this.#child, 'exit');
	}

	/** Waits until the sample has started; returns its server and whether it exports a handler. */
	ready(): Promise<NonNullable<FromSample['ready']>> {
		return this.#receive('ready');
	}

	/** Calls the exported handler. */
	async call(event: unknown): Promise<unknown> {
		this.#ask({ event });
		return (await this.#receive('result')).value;
	}

	/** The number of saved reports. */
	saved(): Promise<number> {
		this.#ask({ saved: true });
		return this.#receive('saved');
	}

	/** Waits until the output matches, and returns all of it. */
	async prints(pattern: RegExp): Promise<string> {
		while (!pattern.test(this.#printed)) await Promise.race([once(this.#output, 'more'), this.#ended()]);
		return this.#printed;
	}

	/** Stops it like a process manager, and returns its exit code. */
	async terminate(): Promise<unknown> {
		this.#child.disconnect();
		this.#child.kill('SIGTERM');
		const [code, signal] = await this.#exit;
		return code ?? signal;
	}

	async stop(): Promise<void> {
		if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
		await this.#exit;
	}

	#ask(message: ToSample): void {
		this.#child.send(message);
	}

	async #receive<Name extends keyof FromSample>(name: Name): Promise<NonNullable<FromSample[Name]>> {
		const [message] = (await Promise.race([once(this.#child, 'message'), this.#ended()])) as [FromSample];
		const value = message[name];
		if (value === undefined) throw new Error(`the sample sent ${JSON.stringify(message)} instead of ${name}`);
		return value;
	}

	async #ended(): Promise<never> {
		const [code] = await this.#exit;
		throw new Error(`the sample exited with ${code}: ${this.#printed}`);
	}
}
