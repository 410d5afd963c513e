import { inspect } from 'node:util';

/** What a value has to be, and how it is read. */
export interface Check<T> {
	/** For the error message: "must be …". */
	readonly expected: string;
	/**
	 * @returns `undefined` where the value is not as expected
	 * @throws Reason where there is more to say
	 */
	read(value: unknown): T | undefined;
}

/** A named value with its check and its default. */
export interface Field<T> {
	readonly check: Check<NonNullable<T>>;
	readonly fallback: T;
}

/** Makes a field. */
export function field<T>(check: Check<NonNullable<T>>, fallback: T): Field<T> {
	return { check, fallback };
}

type Completed<Fields> = { [Name in keyof Fields]: Fields[Name] extends Field<infer T> ? T : never };

/**
 * Fills an object of options with defaults, after checking every name and value; `undefined` means absent.
 *
 * @param label - stands before the name in messages
 * @throws TypeError that names the option, quotes the value and guesses at a mistyped name
 */
export function complete<Fields extends Record<string, Field<unknown>>>(
	given: unknown,
	fields: Fields,
	label: string,
): Completed<Fields> {
	const values = plainObject(given, 'options');
	refuseUnknownNames(values, Object.keys(fields), label);
	const completed: Record<string, unknown> = {};
	for (const [name, { check, fallback }] of Object.entries(fields)) {
		const value = values[name];
		completed[name] = value === undefined ? fallback : readValue(value, check, label + name);
	}
	return completed as Completed<Fields>;
}

/** Whether a value is a `{ … }` as a programmer writes it, of whichever realm. Names of others can hide. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
	if (typeof value !== 'object' || value === null) return false;
	const prototype = Object.getPrototypeOf(value);
	return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/**
 * A plain object, unchanged. Everything else is refused: a Promise or a Map has no option by name, which would turn all
 * of them off.
 *
 * @throws TypeError that says what to write
 */
export function plainObject(given: unknown, name: string): Readonly<Record<string, unknown>> {
	if (isPlainObject(given)) return given;
	const advice = given instanceof Map ? 'Object.fromEntries(…)' : '{ ...it }';
	const instead = instanceOf(given)?.startsWith('an instance') ? `: write ${advice}` : '';
	throw new TypeError(`${name} must be a plain object such as { … }, not ${quote(given)}${instead}`);
}

/** Names the class of an instance and nothing inside it, which can be a password; `undefined` for other values. */
export function instanceOf(value: unknown): string | undefined {
	if (typeof value !== 'object' || value === null || Array.isArray(value) || isPlainObject(value)) return undefined;
	const isPromise = typeof (value as PromiseLike<unknown>).then === 'function';
	return isPromise ? 'a Promise: await it first' : `an instance of ${value.constructor?.name}`;
}

/**
 * Refuses an object with a name that is not known.
 *
 * @param label - stands before the name in messages
 * @throws TypeError that guesses at the name that was meant
 */
export function refuseUnknownNames(given: object, known: readonly string[], label: string): void {
	for (const name of Object.keys(given)) {
		if (!known.includes(name)) throw new TypeError(`unknown ${label}${name}${hint(name, known)}`);
	}
}

/** Thrown by a check that knows what exactly is wrong: its message follows that of the option. */
export class Reason extends Error {}

function readValue<T>(value: unknown, check: Check<T>, name: string): T {
	const refused = `${name} must be ${check.expected}, not ${quote(value)}`;
	try {
		const read = check.read(value);
		if (read !== undefined) return read;
	} catch (error) {
		// anything else is the message of a check inside the value, and complete
		throw error instanceof Reason ? new TypeError(`${refused}: ${error.message}`) : error;
	}
	throw new TypeError(refused);
}

/** More cannot be read: the engine cannot make a string of 512 MB. */
const LARGEST = 256 * 1024 * 1024;

/** Sizes as body-parser writes them: a whole number of bytes, or a string with a unit. */
export const size: Check<number> = {
	expected: 'a size in bytes, such as 65536 or "64kb", up to "256mb"',
	read(value) {
		const [, digits, unit] = /^(\d+(?:\.\d+)?) *(b|kb|mb)?$/i.exec(typeof value === 'string' ? value : '') ?? [];
		const bytes = digits === undefined ? value : Math.floor(Number(digits) * (UNITS[unit?.toLowerCase() ?? 'b'] ?? 1));
		return whole(1, LARGEST).read(bytes);
	},
};

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 * 1024 };

/** A whole number between two bounds, inclusive. */
export function whole(min: number, max: number): Check<number> {
	return {
		expected: `a whole number from ${min} to ${max}`,
		read: (value) => (Number.isInteger(value) && inRange(value as number, min, max) ? (value as number) : undefined),
	};
}

function inRange(value: number, min: number, max: number): boolean {
	return value >= min && value <= max;
}

/** Milliseconds, up to the longest delay of a Node.js timer. */
export const milliseconds: Check<number> = {
	expected: 'a whole number of milliseconds, at least 1',
	read: whole(1, 2 ** 31 - 1).read,
};

export const aBoolean: Check<boolean> = {
	expected: 'true or false',
	read: (value) => (typeof value === 'boolean' ? value : undefined),
};

export const aFunction: Check<object> = {
	expected: 'a function',
	read: (value) => (typeof value === 'function' ? value : undefined),
};

/** One of these words. */
export function oneOf<const Word extends string>(...words: Word[]): Check<Word> {
	return {
		expected: words.map((word) => JSON.stringify(word)).join(' or '),
		read: (value) => words.find((word) => word === value),
	};
}

/** The value as a programmer would write it, short. */
export function quote(value: unknown): string {
	const options = { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80, maxArrayLength: 5 };
	return instanceOf(value) ?? inspect(value, options);
}

/** A guess at the name that was meant, or all names, as the end of a message. */
export function hint(name: string, known: readonly string[]): string {
	const nearest = known
		.map((candidate) => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
		.sort((one, other) => one.distance - other.distance)[0];
	const near = nearest !== undefined && nearest.distance <= Math.max(2, Math.floor(nearest.candidate.length / 3));
	return near ? `; did you mean ${nearest.candidate}?` : `; known are ${known.join(', ')}`;
}

/** Levenshtein distance, row by row. */
function editDistance(one: string, other: string): number {
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (let i = 1; i <= one.length; i++) {
		const next = [i];
		for (let j = 1; j <= other.length; j++) {
			const replaced = (row[j - 1] as number) + (one[i - 1] === other[j - 1] ? 0 : 1);
			next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
		}
		row = next;
	}
	return row[other.length] as number;
}
