import { parseArgs } from 'node:util';
import { hint } from '../../checks.js';
import type { Mm7Release, RequestForm } from '../testing/index.js';
import type { Simulation } from './run.js';

/** What the command line asks for. */
export type Command =
	| { readonly name: 'help' }
	| { readonly name: 'version' }
	| { readonly name: 'simulate'; readonly simulation: Simulation; readonly json: boolean; readonly strict: boolean };

/** The command line is wrong; the message is one line for its author. */
export class UsageError extends Error {}

/** Every option of the command: parsed, checked, documented and defaulted in one place. */
const OPTIONS = {
	count: { value: 'N', default: '10', help: 'messages to report on; most get two reports' },
	concurrency: { value: 'N', default: '10', help: 'requests at the same time, and connections' },
	form: { value: 'FORM', default: 'bare', help: 'xml, multipart, or bare as Sinch documents it' },
	'mm7-version': { value: 'V', default: '6.8.0', help: '5.3.0 or 6.8.0' },
	status: { value: 'A,B', default: 'Retrieved', help: 'final MMStatus; of several each message gets one' },
	user: { value: 'U:P', default: undefined, help: 'credentials for HTTP Basic' },
	timeout: { value: 'TIME', default: '10s', help: 'for an answer; later ones are ignored' },
	'retry-after': { value: 'TIME', default: '5m', help: 'pause before a retry' },
	retries: { value: 'N', default: '5', help: 'maximum number of retries of a report' },
	duplicates: { value: 'N%', default: '0%', help: 'share of accepted reports that are sent once more' },
	'out-of-order': { value: 'N%', default: '0%', help: 'share of messages whose reports are sent last one first' },
	'read-replies': { value: 'N%', default: '0%', help: 'share of delivered messages that get a read reply' },
	seed: { value: 'N', default: undefined, help: 'the same messages for the same number; random if absent' },
} as const;

const FLAGS = {
	strict: 'exit code 1 also where reports are refused or duplicates not accepted',
	json: 'one JSON object on stdout, nothing else there',
	help: 'this text',
	version: 'the version of the package',
} as const;

/** The text of `--help`. */
export const HELP = `Usage: mm7-simulator URL [options]

Plays an MMS provider: sends MM7 delivery reports to URL, and retries by the rule of Sinch,
which stops after HTTP 200 with the same TransactionID and StatusCode 1000 in time.

${[
	...Object.entries(OPTIONS).map(([name, { value, default: fallback, help }]) =>
		helpLine(`--${name} ${value}`, fallback === undefined ? help : `${help} (default ${fallback})`),
	),
	...Object.entries(FLAGS).map(([name, help]) => helpLine(`--${name}`, help)),
].join('\n')}

A TIME is a number with ms, s, m or h. Exit codes: 0 all reports settled, 1 reports lost,
2 wrong arguments, 130 interrupted by Ctrl-C.

Example: mm7-simulator http://localhost:3000/mm7 --count 1000 --retry-after 2s --duplicates 5%`;

function helpLine(name: string, help: string): string {
	return `  ${name.padEnd(20)} ${help}`;
}

/**
 * Reads the command line.
 *
 * @param args - without the names of node and of the program
 * @param randomSeed - the seed where none is given
 * @throws UsageError
 */
export function parseArguments(args: readonly string[], randomSeed: number): Command {
	const { values, positionals } = parse(args);
	if (values.help) return { name: 'help' };
	if (values.version) return { name: 'version' };

	const [address, ...others] = positionals;
	if (address === undefined) throw new UsageError('the URL to send to is missing');
	if (others.length > 0) throw new UsageError(`one URL is expected, not also "${others[0]}"`);
	const url = readUrl(address);
	return {
		name: 'simulate',
		json: values.json === true,
		strict: values.strict === true,
		simulation: {
			url: withoutCredentials(url),
			authorization: authorization(values.user ?? credentialsOf(url)),
			count: whole('count', values.count, 1),
			concurrency: whole('concurrency', values.concurrency, 1, 1000),
			form: oneOf<RequestForm>('form', values.form, ['xml', 'multipart', 'bare']),
			version: oneOf<Mm7Release>('mm7-version', values['mm7-version'], ['5.3.0', '6.8.0']),
			statuses: statuses(values.status),
			timeout: time('timeout', values.timeout),
			retryAfter: time('retry-after', values['retry-after']),
			retries: whole('retries', values.retries, 0, 1000),
			duplicates: share('duplicates', values.duplicates),
			outOfOrder: share('out-of-order', values['out-of-order']),
			readReplies: share('read-replies', values['read-replies']),
			seed: values.seed === undefined ? randomSeed : whole('seed', values.seed, 0, 2 ** 32 - 1),
		},
	};
}

function parse(args: readonly string[]) {
	const text = <Name extends keyof typeof OPTIONS>(name: Name) => {
		const fallback: string | undefined = OPTIONS[name].default;
		return { type: 'string' as const, ...(fallback !== undefined && { default: fallback }) };
	};
	try {
		return parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				count: text('count'),
				concurrency: text('concurrency'),
				form: text('form'),
				'mm7-version': text('mm7-version'),
				status: text('status'),
				user: text('user'),
				timeout: text('timeout'),
				'retry-after': text('retry-after'),
				retries: text('retries'),
				duplicates: text('duplicates'),
				'out-of-order': text('out-of-order'),
				'read-replies': text('read-replies'),
				seed: text('seed'),
				strict: { type: 'boolean' },
				json: { type: 'boolean' },
				help: { type: 'boolean', short: 'h' },
				version: { type: 'boolean', short: 'v' },
			},
		});
	} catch (error) {
		throw new UsageError(oneLine(error as Error));
	}
}

/** Of "Unknown option '--cuont'. To specify a positional argument starting with …" the part that helps. */
function oneLine({ message }: Error): string | undefined {
	const [, unknown] = /^Unknown option '--([^' ]+)/.exec(message) ?? [];
	if (unknown === undefined) return message.split(/\. |\n/, 1)[0];
	const known = [...Object.keys(OPTIONS), ...Object.keys(FLAGS)];
	return `unknown option --${unknown}${hint(unknown, known)}`;
}

function readUrl(address: string): URL {
	const url = URL.canParse(address) ? new URL(address) : undefined;
	if (!url || !['http:', 'https:'].includes(url.protocol)) {
		throw new UsageError(`"${address}" is not an http or https URL`);
	}
	return url;
}

function withoutCredentials(url: URL): URL {
	const plain = new URL(url);
	plain.username = '';
	plain.password = '';
	return plain;
}

function credentialsOf({ username, password }: URL): string | undefined {
	return username === '' ? undefined : `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}

function authorization(credentials: string | undefined): string | undefined {
	if (credentials === undefined) return undefined;
	if (credentials.indexOf(':') < 1) throw new UsageError('--user must be name:password');
	return `Basic ${Buffer.from(credentials).toString('base64')}`;
}

function whole(name: string, text: string | undefined, min: number, max = 1e9): number {
	const number = /^\d+$/.test(text ?? '') ? Number(text) : Number.NaN;
	if (number >= min && number <= max) return number;
	throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
}

function oneOf<Word extends string>(name: string, text: string | undefined, words: readonly Word[]): Word {
	const word = words.find((candidate) => candidate === text);
	if (word === undefined) throw new UsageError(`--${name} must be one of ${words.join(', ')}, not "${text}"`);
	return word;
}

function statuses(text: string | undefined): string[] {
	const words = (text ?? '').split(',').map((word) => word.trim());
	if (words.some((word) => word === '')) throw new UsageError('--status must be one MMStatus, or several with commas');
	return words;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
/** The longest delay of a Node.js timer. */
const LONGEST = 2 ** 31 - 1;

function time(name: string, text: string | undefined): number {
	const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text ?? '') ?? [];
	const milliseconds = Math.round(Number(digits) * (UNITS[unit ?? ''] ?? 1));
	if (milliseconds >= 1 && milliseconds <= LONGEST) return milliseconds;
	throw new UsageError(`--${name} must be a time such as 500ms, 10s or 5m, not "${text}"`);
}

function share(name: string, text: string | undefined): number {
	const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text ?? '') ?? [];
	if (digits !== undefined && Number(digits) <= 100) return Number(digits) / 100;
	throw new UsageError(`--${name} must be a percentage from 0% to 100%, not "${text}"`);
}
