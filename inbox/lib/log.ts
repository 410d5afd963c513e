import { Mm7Error } from 'mm7-delivery-reports';

/** Numbers of the levels in log lines, as pino and its tools have them. */
const LEVELS = { info: 30, warn: 40, error: 50, fatal: 60 };

type Level = keyof typeof LEVELS;

/** The lowest level to write; `silent` writes nothing. */
export const LOG_LEVELS = [...(Object.keys(LEVELS) as Level[]), 'silent'] as const;

/** Writes a line with fields and a message, or with a message only; the field `err` is an error. */
type Write = (fields: object | string, message?: string) => void;

export interface Logger extends Readonly<Record<Level, Write>> {
	/** Makes a logger that adds fields to each line. */
	child(fields: object): Logger;
}

/** Receives log lines, with their line breaks. */
export interface LogDestination {
	write(line: string): unknown;
}

/** Runs of digits that could be a phone number: 7 to 15, by E.164. */
const NUMBERS = /(?<!\d)\+?\d{7,15}(?!\d)/g;

/** Control characters that JSON allows in a string and a terminal might execute. */
const CONTROLS = /[\u007f-\u009f]/g;

/** In characters, like the next two; longer texts are cut, because senders choose the length of ids. */
const MAX_FIELD_LENGTH = 200;
const MAX_MESSAGE_LENGTH = 1_000;
/** A stack starts with the error's message. */
const MAX_STACK_LENGTH = 4_000;

/** Masks all but the last two digits of each phone number in a text. */
export function maskNumbers(text: string): string {
	return text.replace(NUMBERS, (number) => `${'*'.repeat(number.length - 2)}${number.slice(-2)}`);
}

/**
 * Makes the logger, which writes one JSON object per line. It logs no phone numbers: those in error messages are
 * masked, and what a database adds to its errors, such as the rejected row, is dropped.
 *
 * @param destination - default: standard output
 * @param common - fields of every line
 */
export function makeLogger(
	minLevel: (typeof LOG_LEVELS)[number],
	destination: LogDestination = standardOutput(),
	common = {},
): Logger {
	const min = minLevel === 'silent' ? Number.POSITIVE_INFINITY : LEVELS[minLevel];
	const at =
		(level: number): Write =>
		(fields, message) => {
			if (level < min) return;
			const [own, msg] = typeof fields === 'string' ? [{}, fields] : [fields, message];
			const line = JSON.stringify({ level, time: new Date(), ...common, ...plainFields(own), msg });
			destination.write(`${line.replace(CONTROLS, escapeControl)}\n`);
		};
	return {
		info: at(LEVELS.info),
		warn: at(LEVELS.warn),
		error: at(LEVELS.error),
		fatal: at(LEVELS.fatal),
		child: (fields) => makeLogger(minLevel, destination, { ...common, ...fields }),
	};
}

/** A closed pipe or full disk must not end the process that stores reports. */
function standardOutput(): LogDestination {
	if (process.stdout.listenerCount('error') === 0) process.stdout.on('error', () => {});
	return process.stdout;
}

function plainFields(fields: object): object {
	return Object.fromEntries(
		Object.entries(fields).map(([name, value]) => {
			if (name === 'err') return [name, plainError(value)];
			return [name, typeof value === 'string' ? cut(value, MAX_FIELD_LENGTH) : value];
		}),
	);
}

function cut(text: string, maxLength: number): string {
	return text.length > maxLength ? `${text.slice(0, maxLength)}…` : text;
}

function escapeControl(character: string): string {
	return `\\u00${character.charCodeAt(0).toString(16)}`;
}

interface PlainError {
	readonly type: string;
	readonly message: string;
	readonly code?: string;
	readonly stack?: string;
	readonly cause?: PlainError;
}

function plainError(error: unknown): PlainError {
	const safe = (text: string, maxLength: number) => cut(maskNumbers(cut(text, 2 * maxLength)), maxLength);
	if (!(error instanceof Error)) return { type: typeof error, message: safe(String(error), MAX_MESSAGE_LENGTH) };
	const { code } = error as { code?: unknown };
	return {
		type: error.name,
		message: safe(error.message, MAX_MESSAGE_LENGTH),
		...(typeof code === 'string' && { code }),
		// the stack of a middleware error is of no use; its cause has one that is
		...(!(error instanceof Mm7Error) && error.stack !== undefined && { stack: safe(error.stack, MAX_STACK_LENGTH) }),
		...(error.cause !== undefined && { cause: plainError(error.cause) }),
	};
}
