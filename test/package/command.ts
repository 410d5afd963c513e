import { execFile } from 'node:child_process';
import { promisify, stripVTControlCharacters } from 'node:util';
import { Slots } from '../../lib/provider/simulator/slots.js';

/** Commands at the same time: more would only wait for each other on a machine with two cores. */
const slots = new Slots(2);

/** Milliseconds after which a command counts as hanging. */
const TIMEOUT = 180_000;

/** How a command is started. */
export interface CommandOptions {
	/** The folder where it runs. */
	readonly cwd: string;
	/** A folder whose programs come before all others, such as that of another Node.js. Default: none. */
	readonly path?: string | undefined;
}

/**
 * Runs a command, as soon as there is room for it.
 *
 * @returns what it printed to standard output
 * @throws Error with all that it printed, where its exit code is not 0
 */
export async function command(file: string, args: readonly string[], options: CommandOptions): Promise<string> {
	await slots.acquire();
	try {
		const { stdout } = await promisify(execFile)(file, args, {
			cwd: options.cwd,
			env: environment(options.path),
			timeout: TIMEOUT,
			maxBuffer: 16 * 1024 * 1024,
		});
		return stdout;
	} catch (error) {
		throw commandError(error as Failure, [file, ...args].join(' '));
	} finally {
		slots.release();
	}
}

/** Runs a program of Node.js in the version that runs this check. */
export function node(args: readonly string[], options: CommandOptions): Promise<string> {
	return command(process.execPath, args, options);
}

/** What this process loads, tsx above all, must not be loaded into the programs under test. */
function environment(path: string | undefined): NodeJS.ProcessEnv {
	const { NODE_OPTIONS, NODE_PATH, ...env } = process.env;
	return path === undefined ? env : { ...env, PATH: `${path}:${env['PATH']}` };
}

interface Failure extends Error {
	readonly stdout: string;
	readonly stderr: string;
	readonly code: number | string | undefined;
	readonly killed: boolean;
}

function commandError({ message, stdout, stderr, code, killed }: Failure, called: string): Error {
	const end = killed ? `did not end within ${TIMEOUT / 1000} s` : `ended with ${code}`;
	const printed = stripVTControlCharacters(`${stdout ?? ''}${stderr ?? ''}`).trim();
	return new Error(`${called}\n${end}\n${printed || message}`);
}
