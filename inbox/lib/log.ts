import { Mm7Error } from 'mm7-delivery-reports';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Digits in a row that may be a telephone number; 7 to 15 by E.164. */
const NUMBERS = /(?<!\d)\+?\d{7,15}(?!\d)/g;

/** Control characters that JSON allows in a string and a terminal may take for a command. */
const CONTROLS = /[\u007f-\u009f]/g;

/** Longer values of a field are cut: a sender chooses the length of ids. */
const MAX_FIELD_LENGTH = 200;
/** Longer messages of errors are cut. */
const MAX_MESSAGE_LENGTH = 1_000;
/** Longer stacks are cut; a stack begins with the message. */
const MAX_STACK_LENGTH = 4_000;

/** The text with each telephone number cut to its last two digits. */
export function maskNumbers(text: string): string {
	return text.replace(NUMBERS, (number) => `${'*'.repeat(number.length - 2)}${number.slice(-2)}`);
}

/**
 * Makes the logger: one JSON object per line. Telephone numbers stay out of it: those in the texts of errors are
 * masked, and what a database adds to its errors, such as the rejected row, is left out.
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
		// where an error of the middleware was made says nothing: its cause does
		...(!(error instanceof Mm7Error) && error.stack !== undefined && { stack: safe(error.stack, MAX_STACK_LENGTH) }),
		...(error.cause !== undefined && { cause: plainError(error.cause) }),
	};
}
