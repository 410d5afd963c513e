import { type ParseArgsConfig, parseArgs } from 'node:util';
import { hint } from '../checks.js';

/** Where a command writes to, and how it is interrupted. */
export interface Terminal {
	/** For the result alone. */
	readonly stdout: NodeJS.WritableStream;
	/** For progress and errors. */
	readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
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

/** Text for a terminal: U+FFFD for control characters that are not white space. A response may hold anything. */
export function printable(text: string): string {
	return text.replace(/(?![\t\n])\p{Cc}/gu, '\ufffd');
}

/** JSON for a terminal: control characters that JSON allows are escaped too. */
export function toJson(value: unknown): string {
	return JSON.stringify(value).replace(/\p{Cc}/gu, (control) => `\\u00${control.charCodeAt(0).toString(16)}`);
}

/** Exit codes of all commands. */
export const ExitCode = {
	OK: 0,
	FAILED: 1,
	USAGE: 2,
	/** 128 plus the number of SIGINT, as shells count. */
	INTERRUPTED: 130,
} as const;

/** The command line is wrong; the message is one line for its author. */
export class UsageError extends Error {}

/** Options of a command with their value and default; a flag has no value. */
export type OptionTexts = Readonly<
	Record<string, { readonly value?: string; readonly default?: string; readonly help: string }>
>;

/** The lines of a help text about options. */
export function optionLines(options: OptionTexts): string {
	return Object.entries(options)
		.map(([name, { value, default: fallback, help }]) => {
			const option = value === undefined ? `--${name}` : `--${name} ${value}`;
			return `  ${option.padEnd(20)} ${help}${fallback === undefined ? '' : ` (default ${fallback})`}`;
		})
		.join('\n');
}

/**
 * Parses arguments by `parseArgs` of `node:util`, which throws.
 *
 * @throws UsageError with one line that helps
 */
export function parseOptions<Config extends ParseArgsConfig>(config: Config): ReturnType<typeof parseArgs<Config>> {
	try {
		return parseArgs(config);
	} catch (error) {
		throw new UsageError(oneLine(error as Error, Object.keys(config.options ?? {})));
	}
}

/** Of "Unknown option '--cuont'. To specify a positional argument starting with …" the part that helps. */
function oneLine({ message }: Error, known: readonly string[]): string | undefined {
	const [, unknown] = /^Unknown option '--([^' ]+)/.exec(message) ?? [];
	if (unknown === undefined) return message.split(/\. |\n/, 1)[0];
	return `unknown option --${unknown}${hint(unknown, known)}`;
}

/**
 * The only positional argument of a command.
 *
 * @throws UsageError
 */
export function onlyArgument([first, ...others]: readonly string[], name: string): string {
	if (first === undefined) throw new UsageError(`${name} is missing`);
	if (others.length > 0) throw new UsageError(`only one ${name} is expected, not also "${others[0]}"`);
	return first;
}

/** Where requests are sent, and the value of their Authorization header. */
export interface Destination {
	/** Without credentials. */
	readonly url: URL;
	readonly authorization: string | undefined;
}

/**
 * Reads a URL, which may hold credentials for HTTP Basic.
 *
 * @param user - `name:password`; wins over those of the URL
 * @throws UsageError
 */
export function readDestination(address: string, user: string | undefined): Destination {
	const url = URL.canParse(address) ? new URL(address) : undefined;
	if (!url || !['http:', 'https:'].includes(url.protocol)) {
		throw new UsageError(`"${address}" is not an http or https URL`);
	}
	const credentials = user ?? credentialsOf(url);
	if (credentials !== undefined && credentials.indexOf(':') < 1) throw new UsageError('--user must be name:password');
	url.username = '';
	url.password = '';
	return {
		url,
		authorization: credentials && `Basic ${Buffer.from(credentials).toString('base64')}`,
	};
}

function credentialsOf({ username, password }: URL): string | undefined {
	return username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
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
export function readTime(name: string, text: string | undefined): number {
	const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '') ?? [];
	const milliseconds = Math.round(Number(digits) * (UNITS_MS[unit ?? ''] ?? 1));
	if (milliseconds >= 1 && milliseconds <= MAX_TIMER_MS) return milliseconds;
	throw new UsageError(`--${name} must be a time such as 500ms, 10s or 5m, not "${text}"`);
}
