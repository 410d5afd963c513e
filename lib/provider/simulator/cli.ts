import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type Command, HELP, parseArguments, UsageError } from './arguments.js';
import { type Output, reporterFor } from './reporter.js';
import { simulate } from './run.js';
import type { Summary } from './summary.js';
import { table } from './table.js';

/** The world of the program. */
export interface Terminal {
	readonly stdout: NodeJS.WritableStream;
	readonly stderr: Output;
	/** Aborted by Ctrl-C. */
	readonly interrupted: AbortSignal;
}

const LOST = 1;
const USAGE = 2;
/** 128 and the number of SIGINT, as shells count. */
const INTERRUPTED = 130;

/**
 * The program `mm7-simulator`.
 *
 * @param args - without the names of node and of the program
 * @returns the exit code
 */
export async function main(args: readonly string[], terminal: Terminal): Promise<number> {
	let command: Command;
	try {
		command = parseArguments(args, randomInt(2 ** 32));
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		terminal.stderr.write(`mm7-simulator: ${error.message}\nTry mm7-simulator --help\n`);
		return USAGE;
	}
	switch (command.name) {
		case 'help':
			terminal.stdout.write(`${HELP}\n`);
			return 0;
		case 'version':
			terminal.stdout.write(`${packageVersion()}\n`);
			return 0;
		case 'simulate':
			return run(command, terminal);
	}
}

async function run(
	{ simulation, json, strict }: Extract<Command, { name: 'simulate' }>,
	{ stdout, stderr, interrupted }: Terminal,
): Promise<number> {
	const reporter = reporterFor(stderr, simulation.count);
	const summary = await simulate(simulation, interrupted, reporter).finally(() => reporter.stop());
	stdout.write(json ? `${JSON.stringify(summary)}\n` : table(summary));
	return exitCode(summary, strict);
}

function exitCode(summary: Summary, strict: boolean): number {
	if (summary.interrupted) return INTERRUPTED;
	if (summary.lost > 0) return LOST;
	return strict && summary.refused + summary.duplicatesNotAccepted > 0 ? LOST : 0;
}

function packageVersion(): string {
	const manifest = readFileSync(path.join(__dirname, '../../../package.json'), 'utf8');
	return JSON.parse(manifest).version;
}
