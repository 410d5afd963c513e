import { readFileSync } from 'node:fs';
import path from 'node:path';
import { hint } from '../checks.js';
import { check } from './check/command.js';
import { type Command, ExitCode, type Terminal, UsageError } from './command-line.js';
import { read } from './read/command.js';
import { simulate } from './simulator/command.js';

const COMMANDS: Readonly<Record<string, Command>> = { simulate, check, read };

const HELP = `Usage: mm7-delivery-reports COMMAND [arguments]

${Object.entries(COMMANDS)
	.map(([name, { summary }]) => `  ${name.padEnd(10)} ${summary}`)
	.join('\n')}

Use mm7-delivery-reports COMMAND --help for a command, --version for the version.`;

/**
 * The program `mm7-delivery-reports`.
 *
 * @param args - without the names of node and the program
 * @returns the exit code
 */
export async function main([name = '--help', ...args]: readonly string[], terminal: Terminal): Promise<number> {
	const { stdout, stderr } = terminal;
	const print = (text: string) => {
		stdout.write(`${text}\n`);
		return ExitCode.OK;
	};
	if (['--help', '-h', 'help'].includes(name)) return print(HELP);
	if (['--version', '-v'].includes(name)) return print(packageVersion());
	const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
	try {
		if (!command) throw new UsageError(`unknown command ${name}${hint(name, Object.keys(COMMANDS))}`);
		if (args.some((arg) => arg === '--help' || arg === '-h')) return print(command.help);
		return await command.run(args, terminal);
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		const program = ['mm7-delivery-reports', ...(command ? [name] : [])].join(' ');
		stderr.write(`${program}: ${error.message}\nTry ${program} --help\n`);
		return ExitCode.USAGE;
	}
}

function packageVersion(): string {
	const manifest = readFileSync(path.join(__dirname, '../../package.json'), 'utf8');
	return JSON.parse(manifest).version;
}
