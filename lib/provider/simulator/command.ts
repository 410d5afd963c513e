import { randomInt } from 'node:crypto';
import { type Command, ExitCode, printable, toJson } from '../command-line.js';
import { HELP, parseArguments } from './arguments.js';
import { reporterFor } from './reporter.js';
import { simulate as runSimulation } from './simulate.js';
import type { Summary } from './summary.js';
import { table } from './table.js';

/** The command `simulate`. */
export const simulate: Command = {
	summary: 'acts as an MMS provider: sends delivery reports to a URL, and retries as Sinch does',
	help: HELP,
	async run(args, { stdout, stderr, interrupted }) {
		const { simulation, json, strict } = parseArguments(args, randomInt(2 ** 32));
		const summary = await runSimulation(simulation, interrupted, reporterFor(stderr, simulation.count));
		stdout.write(json ? `${toJson(summary)}\n` : printable(table(summary)));
		return exitCode(summary, strict);
	},
};

function exitCode(summary: Summary, strict: boolean): number {
	if (summary.interrupted) return ExitCode.INTERRUPTED;
	if (summary.lost + summary.notRegistered > 0) return ExitCode.FAILED;
	return strict && summary.rejected + summary.duplicatesNotAccepted > 0 ? ExitCode.FAILED : ExitCode.OK;
}
