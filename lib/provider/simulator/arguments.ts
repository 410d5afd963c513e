import {
	type OptionTexts,
	onlyArgument,
	optionLines,
	parseOptions,
	readDestination,
	readTime,
	UsageError,
} from '../command-line.js';
import type { Mm7Release, RequestForm } from '../testing/index.js';
import type { Simulation } from './simulate.js';

/** What the command line asks for. */
export interface SimulateArguments {
	readonly simulation: Simulation;
	readonly json: boolean;
	readonly strict: boolean;
}

/** Every option of the command: parsed, checked, documented and defaulted in one place. */
const OPTIONS = {
	count: { value: 'N', default: '10', help: 'messages to report on; most get two reports' },
	concurrency: { value: 'N', default: '10', help: 'requests at the same time, and connections' },
	form: { value: 'FORM', default: 'bare', help: 'xml, multipart, or bare as Sinch documents it' },
	'mm7-version': { value: 'V', default: '6.8.0', help: '5.3.0 or 6.8.0' },
	status: { value: 'A,B', default: 'Retrieved', help: 'final MMStatus; of several each message gets one' },
	user: { value: 'U:P', help: 'credentials for HTTP Basic' },
	timeout: { value: 'TIME', default: '10s', help: 'for an answer; later ones are ignored' },
	'retry-after': { value: 'TIME', default: '5m', help: 'pause before a retry' },
	retries: { value: 'N', default: '5', help: 'maximum number of retries of a report' },
	duplicates: { value: 'N%', default: '0%', help: 'share of accepted reports that are sent once more' },
	'out-of-order': { value: 'N%', default: '0%', help: 'share of messages whose reports are sent last one first' },
	'read-replies': { value: 'N%', default: '0%', help: 'share of delivered messages that get a read reply' },
	seed: { value: 'N', help: 'the same messages for the same number; random if absent' },
	strict: { help: 'exit code 1 also where reports are refused or duplicates not accepted' },
	json: { help: 'one JSON object on stdout, nothing else there' },
} as const;

/** The text of `--help`. */
export const HELP = `Usage: mm7-delivery-reports simulate URL [options]

Plays an MMS provider: sends MM7 delivery reports to URL, and retries by the rule of Sinch,
which stops after HTTP 200 with the same TransactionID and StatusCode 1000 in time.

${optionLines(OPTIONS)}

A TIME is a number with ms, s, m or h.
Exit codes: 0 if all reports are settled, 1 if reports are lost, 2 for wrong arguments, 130 after Ctrl-C.

Example: mm7-delivery-reports simulate http://localhost:3000/mm7 --count 1000 --retry-after 2s --duplicates 5%`;

/**
 * Reads the command line.
 *
 * @param args - without the names of node and of the program
 * @param randomSeed - the seed where none is given
 * @throws UsageError
 */
export function parseArguments(args: readonly string[], randomSeed: number): SimulateArguments {
	const { values, positionals } = parse(args);
	return {
		json: values.json === true,
		strict: values.strict === true,
		simulation: {
			...readDestination(onlyArgument(positionals, 'URL'), values.user),
			count: whole('count', values.count, 1),
			concurrency: whole('concurrency', values.concurrency, 1, 1000),
			form: oneOf<RequestForm>('form', values.form, ['xml', 'multipart', 'bare']),
			version: oneOf<Mm7Release>('mm7-version', values['mm7-version'], ['5.3.0', '6.8.0']),
			statuses: statuses(values.status),
			timeout: readTime('timeout', values.timeout),
			retryAfter: readTime('retry-after', values['retry-after']),
			retries: whole('retries', values.retries, 0, 1000),
			duplicates: share('duplicates', values.duplicates),
			outOfOrder: share('out-of-order', values['out-of-order']),
			readReplies: share('read-replies', values['read-replies']),
			seed: values.seed === undefined ? randomSeed : whole('seed', values.seed, 0, 2 ** 32 - 1),
		},
	};
}

function parse(args: readonly string[]) {
	const text = (name: keyof typeof OPTIONS) => {
		const { default: fallback } = (OPTIONS as OptionTexts)[name] ?? {};
		return { type: 'string' as const, ...(fallback !== undefined && { default: fallback }) };
	};
	return parseOptions({
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
		},
	});
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

function share(name: string, text: string | undefined): number {
	const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(text ?? '') ?? [];
	if (digits !== undefined && Number(digits) <= 100) return Number(digits) / 100;
	throw new UsageError(`--${name} must be a percentage from 0% to 100%, not "${text}"`);
}
