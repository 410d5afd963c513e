import { Mm7Error } from 'mm7-delivery-reports';
import { type DestinationStream, type Logger, pino } from 'pino';

/** Digits in a row that may be a telephone number; 7 to 15 by E.164. */
const NUMBERS = /(?<!\d)\+?\d{7,15}(?!\d)/g;

/** Control characters that JSON allows in a string and a terminal may take for a command. */
const CONTROLS = /[\u007f-\u009f]/g;

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
			serializers: { err: plainError },
			hooks: { streamWrite: (line) => line.replace(CONTROLS, escapeControl) },
		},
		destination ?? pino.destination({ sync: true }),
	);
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
	if (!(error instanceof Error)) return { type: typeof error, message: maskNumbers(String(error)) };
	const { code } = error as { code?: unknown };
	return {
		type: error.name,
		message: maskNumbers(error.message),
		...(typeof code === 'string' && { code }),
		// where an error of the middleware was made says nothing: its cause does
		...(!(error instanceof Mm7Error) && error.stack !== undefined && { stack: maskNumbers(error.stack) }),
		...(error.cause !== undefined && { cause: plainError(error.cause) }),
	};
}
