import { parseArgs } from 'node:util';
import { hint } from '../checks.js';

/** The output streams of a command, and the signal that interrupts it. */
export interface Terminal {
	/** For results only. */
	readonly stdout: NodeJS.WritableStream;
	/** For progress and errors. */
	readonly stderr: NodeJS.WritableStream;
	/** Aborted by Ctrl-C. */
	readonly interrupted: AbortSignal;
}

/** A command of the program. */
export interface Command {
	/** One line for the list of commands. */
	readonly summary: string;
	/** The text of `--help`. */
	readonly help: string;
	/**
	 * @returns the exit code
	 * @throws UsageError
	 */
	readonly run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

/** Exit codes of all commands. */
export const ExitCode = {
	OK: 0,
	FAILED: 1,
	USAGE: 2,
	/** 128 plus the number of SIGINT, as in a shell. */
	INTERRUPTED: 130,
} as const;

/** The command line is wrong. The message is one line for the user. */
export class UsageError extends Error {}

/** Options for `parseArgs`, with their texts in the help. */
type OptionTable = Readonly<
	Record<
		string,
		{
			readonly type: 'string' | 'boolean';
			readonly multiple?: boolean;
			readonly default?: string;
			/** Placeholder for the value in the help. */
			readonly value?: string;
			readonly help: string;
		}
	>
>;

type Values<Options extends OptionTable> = ReturnType<typeof parseArgs<{ options: Options }>>['values'];

/**
 * Parses the arguments of a command that has these options and one argument.
 *
 * @param name - of the argument, as in the help
 * @throws UsageError
 */
export function parseCommandLine<const Options extends OptionTable>(
	args: readonly string[],
	name: string,
	options: Options,
): { argument: string; values: Values<Options> } {
	const { values, positionals } = parse(args, options);
	const [argument, ...others] = positionals;
	if (argument === undefined) throw new UsageError(`${name} is missing`);
	if (others.length > 0) throw new UsageError(`only one ${name} is expected, not also "${others[0]}"`);
	return { argument, values };
}

function parse<Options extends OptionTable>(args: readonly string[], options: Options) {
	try {
		return parseArgs({ args: [...args], allowPositionals: true, options });
	} catch (error) {
		throw new UsageError(oneLine(error as Error, Object.keys(options)));
	}
}

/** The useful part of "Unknown option '--cuont'. To specify a positional argument starting with …". */
function oneLine({ message }: Error, known: readonly string[]): string | undefined {
	const [, unknown] = /^Unknown option '--([^' ]+)/.exec(message) ?? [];
	if (unknown === undefined) return message.split(/\. |\n/, 1)[0];
	return `unknown option --${unknown}${hint(unknown, known)}`;
}

/** The lines about options in a help text. */
export function optionLines(options: OptionTable): string {
	return Object.entries(options)
		.map(([name, { value, default: fallback, help }]) => {
			const option = value === undefined ? `--${name}` : `--${name} ${value}`;
			return `  ${option.padEnd(20)} ${help}${fallback === undefined ? '' : ` (default ${fallback})`}`;
		})
		.join('\n');
}

/** The target of requests. */
export interface Destination {
	/** Without credentials. */
	readonly url: URL;
	/** Value of the Authorization header. */
	readonly authorization: string | undefined;
}

/**
 * Reads a URL, which may contain credentials for HTTP Basic.
 *
 * @param user - `name:password`; takes precedence over the credentials of the URL
 * @throws UsageError
 */
export function readDestination(address: string, user?: string | undefined): Destination {
	const url = URL.canParse(address) ? new URL(address) : undefined;
	if (!url || !['http:', 'https:'].includes(url.protocol)) {
		throw new UsageError(`"${address}" is not an http or https URL`);
	}
	const { username, password } = url;
	const ofUrl = username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
	const credentials = user ?? ofUrl;
	if (credentials !== undefined && credentials.indexOf(':') < 1) throw new UsageError('--user must be name:password');
	url.username = '';
	url.password = '';
	return { url, authorization: credentials && `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/**
 * Reads headers written as `Name: value`.
 *
 * @throws UsageError
 */
export function readHeaders(lines: readonly string[] = []): Record<string, string> {
	return Object.fromEntries(
		lines.map((line) => {
			const colon = line.indexOf(':');
			if (colon < 1) throw new UsageError(`--header must be "Name: value", not "${line}"`);
			return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
		}),
	);
}

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** The longest delay of a Node.js timer. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Reads a time such as `500ms`, `10s` or `5m`.
 *
 * @returns milliseconds
 * @throws UsageError
 */
export function readTime(name: string, text: string): number {
	const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
	const milliseconds = Math.round(Number(digits) * (UNITS_MS[unit ?? ''] ?? 1));
	if (milliseconds >= 1 && milliseconds <= MAX_TIMER_MS) return milliseconds;
	throw new UsageError(`--${name} must be a time such as 500ms, 10s or 5m, not "${text}"`);
}

/** Text for a terminal: U+FFFD replaces control characters other than white space, since a response may contain any. */
export function printable(text: string): string {
	return text.replace(/(?![\t\n])\p{Cc}/gu, '\ufffd');
}

/** JSON for a terminal: control characters that JSON allows are escaped too. */
export function toJson(value: unknown): string {
	return JSON.stringify(value).replace(/\p{Cc}/gu, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}
