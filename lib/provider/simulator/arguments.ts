import { optionLines, parseCommandLine, readDestination, readTime, UsageError } from '../command-line.js';
import type { Registry } from './register.js';
import type { Simulation } from './simulate.js';

/** The parsed command line. */
export interface SimulateArguments {
	readonly simulation: Simulation;
	readonly json: boolean;
	readonly strict: boolean;
}

const OPTIONS = {
	count: { type: 'string', value: 'N', default: '10', help: 'messages to report on; most get two reports' },
	concurrency: { type: 'string', value: 'N', default: '10', help: 'maximum number of concurrent requests' },
	form: { type: 'string', value: 'FORM', default: 'bare', help: 'xml, multipart, or bare as documented by Sinch' },
	'mm7-version': { type: 'string', value: 'V', default: '6.8.0', help: '5.3.0 or 6.8.0' },
	status: {
		type: 'string',
		value: 'A,B',
		default: 'Retrieved',
		help: 'final MMStatus; of several, each message gets one',
	},
	user: { type: 'string', value: 'U:P', help: 'credentials for HTTP Basic' },
	timeout: { type: 'string', value: 'TIME', default: '10s', help: 'for a response; later ones are ignored' },
	'retry-after': { type: 'string', value: 'TIME', default: '5m', help: 'time to wait before a retry' },
	retries: { type: 'string', value: 'N', default: '5', help: 'maximum number of retries per report' },
	duplicates: { type: 'string', value: 'N%', default: '0%', help: 'share of accepted reports sent twice' },
	'out-of-order': {
		type: 'string',
		value: 'N%',
		default: '0%',
		help: 'share of messages whose final report comes first',
	},
	'read-replies': { type: 'string', value: 'N%', default: '0%', help: 'share of delivered messages with a read reply' },
	silent: { type: 'string', value: 'N%', default: '0%', help: 'share of messages without any report' },
	register: { type: 'string', value: 'URL', help: 'registers each message at this inbox before its first report' },
	token: { type: 'string', value: 'TOKEN', help: "the inbox's API_TOKEN, for --register" },
	seed: { type: 'string', value: 'N', help: 'same number, same messages; random if absent' },
	strict: { type: 'boolean', help: 'exit with 1 also if a report is rejected or a duplicate not accepted' },
	json: { type: 'boolean', help: 'print one JSON object to stdout, and nothing else' },
} as const;

/** The text of `--help`. */
export const HELP = `Usage: mm7-delivery-reports simulate URL [options]

Acts as an MMS provider: sends MM7 delivery reports to URL and retries by the rule of Sinch, which stops
after HTTP 200 with the same TransactionID and StatusCode 1000 in time.

${optionLines(OPTIONS)}

A TIME is a number with ms, s, m or h.
Exit codes: 0 if no report and no registration is lost, 1 if one is, 2 for wrong arguments, 130 after Ctrl-C.

Example: mm7-delivery-reports simulate http://localhost:3000/mm7 --count 1000 --retry-after 2s --duplicates 5%`;

/**
 * Reads the command line.
 *
 * @param args - without the names of node, the program and the command
 * @param randomSeed - the default of `--seed`
 * @throws UsageError
 */
export function parseArguments(args: readonly string[], randomSeed: number): SimulateArguments {
	const { argument, values } = parseCommandLine(args, 'URL', OPTIONS);
	return {
		json: values.json === true,
		strict: values.strict === true,
		simulation: {
			...readDestination(argument, values.user),
			count: readWhole('count', values.count, 1),
			concurrency: readWhole('concurrency', values.concurrency, 1, 1000),
			form: readWord('form', values.form, ['xml', 'multipart', 'bare']),
			version: readWord('mm7-version', values['mm7-version'], ['5.3.0', '6.8.0']),
			statuses: readStatuses(values.status),
			timeout: readTime('timeout', values.timeout),
			retryAfter: readTime('retry-after', values['retry-after']),
			retries: readWhole('retries', values.retries, 0, 1000),
			duplicates: readShare('duplicates', values.duplicates),
			outOfOrder: readShare('out-of-order', values['out-of-order']),
			readReplies: readShare('read-replies', values['read-replies']),
			silent: readShare('silent', values.silent),
			registry: readRegistry(values.register, values.token),
			seed: values.seed === undefined ? randomSeed : readWhole('seed', values.seed, 0, 2 ** 32 - 1),
		},
	};
}

function readRegistry(address: string | undefined, token: string | undefined): Registry | undefined {
	if ((address === undefined) !== (token === undefined)) throw new UsageError('--register and --token need each other');
	return address === undefined || token === undefined ? undefined : { url: readDestination(address).url, token };
}

function readWhole(name: string, text: string, min: number, max = 1e9): number {
	const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
	if (number >= min && number <= max) return number;
	throw new UsageError(`--${name} must be a whole number from ${min} to ${max}, not "${text}"`);
}

function readWord<const Word extends string>(name: string, text: string, words: readonly Word[]): Word {
	const word = words.find((candidate) => candidate === text);
	if (word === undefined) throw new UsageError(`--${name} must be one of ${words.join(', ')}, not "${text}"`);
	return word;
}

function readStatuses(text: string): string[] {
	const words = text.split(',').map((word) => word.trim());
	if (words.includes('')) throw new UsageError('--status must be one MMStatus, or several separated by commas');
	return words;
}

function readShare(name: string, text: string): number {
	const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text) ?? [];
	if (digits !== undefined && Number(digits) <= 100) return Number(digits) / 100;
	throw new UsageError(`--${name} must be a percentage from 0% to 100%, not "${text}"`);
}
