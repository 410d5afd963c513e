import { Mm7Error } from 'mm7-delivery-reports';
import { type DestinationStream, type Logger, pino } from 'pino';

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
 */
export function makeLogger(level: string, destination?: DestinationStream): Logger {
	return pino(
		{
			level,
			base: null,
			timestamp: pino.stdTimeFunctions.isoTime,
			formatters: { log: cutFields },
			serializers: { err: plainError },
			hooks: { streamWrite: (line) => line.replace(CONTROLS, escapeControl) },
		},
		destination ?? pino.destination({ sync: true }),
	);
}

function cutFields(fields: Record<string, unknown>): Record<string, unknown> {
	return Object.fromEntries(
		Object.entries(fields).map(([name, value]) => [
			name,
			typeof value === 'string' ? cut(value, MAX_FIELD_LENGTH) : value,
		]),
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
