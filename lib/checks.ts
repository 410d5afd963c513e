import { inspect } from 'node:util';

/** A requirement on a value. */
export interface Check<T> {
	/** For the error message: "must be …". */
	readonly expected: string;
	/** Returns `undefined` if the value is not as expected, or throws a TypeError with its own message. */
	readonly read: (value: unknown) => T | undefined;
}

/** The values that {@link complete} returns. */
export type Completed<Fields> = {
	readonly [Name in keyof Fields]: Fields[Name] extends readonly [Check<infer T>, infer Default] ? T | Default : never;
};

/**
 * Checks every name and value of an object of options, and adds defaults; `undefined` means absent.
 *
 * @param label - precedes the name in messages
 * @throws TypeError with the name of the option and its value
 */
export function complete<Fields extends Readonly<Record<string, readonly [check: Check<unknown>, fallback: unknown]>>>(
	given: unknown,
	fields: Fields,
	label: string,
): Completed<Fields> {
	const values = plainObject(given, 'options');
	refuseUnknownNames(values, Object.keys(fields), label);
	const completed: Record<string, unknown> = {};
	for (const [name, [{ expected, read }, fallback]] of Object.entries(fields)) {
		const value = values[name];
		completed[name] = value === undefined ? fallback : read(value);
		if (value !== undefined && completed[name] === undefined)
			throw new TypeError(`${label}${name} must be ${expected}, not ${quote(value)}`);
	}
	return completed as Completed<Fields>;
}

/** Checks for a `{ … }` as a programmer writes it, of any realm. Other objects may hide their names. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
	if (typeof value !== 'object' || value === null) return false;
	const prototype = Object.getPrototypeOf(value);
	return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Rejects anything but a plain object. A Promise or a Map has no option by name, which would turn all of them off. */
export function plainObject(given: unknown, name: string): Readonly<Record<string, unknown>> {
	if (isPlainObject(given)) return given;
	const advice = given instanceof Map ? 'Object.fromEntries(…)' : '{ ...it }';
	const instead = instanceOf(given)?.startsWith('an instance') ? `: write ${advice}` : '';
	throw new TypeError(`${name} must be a plain object such as { … }, not ${quote(given)}${instead}`);
}

/** Names the class of an instance, without its contents, which can be passwords; `undefined` for other values. */
export function instanceOf(value: unknown): string | undefined {
	if (typeof value !== 'object' || value === null || Array.isArray(value) || isPlainObject(value)) return undefined;
	const isPromise = typeof (value as PromiseLike<unknown>).then === 'function';
	return isPromise ? 'a Promise: await it first' : `an instance of ${value.constructor?.name}`;
}

/** @param label - precedes the name in messages */
export function refuseUnknownNames(given: object, known: readonly string[], label: string): void {
	for (const name of Object.keys(given)) {
		if (!known.includes(name)) throw new TypeError(`unknown ${label}${name}${hint(name, known)}`);
	}
}

/** V8 cannot make a string of 512 MB. */
const MAX_SIZE_BYTES = 256 * 1024 * 1024;

/** Sizes as body-parser writes them: a whole number of bytes, or a string with a unit. */
export const size: Check<number> = {
	expected: 'a size in bytes, such as 65536 or "64kb", up to "256mb"',
	read(value) {
		const [, digits, unit] = /^(\d+(?:\.\d+)?) *(b|kb|mb)?$/i.exec(typeof value === 'string' ? value : '') ?? [];
		const bytes = digits === undefined ? value : Math.floor(Number(digits) * (UNITS[unit?.toLowerCase() ?? 'b'] ?? 1));
		return whole(1, MAX_SIZE_BYTES).read(bytes);
	},
};

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 * 1024 };

/** A check for values that stay unchanged. */
export function checkFor<T>(expected: string, isValid: (value: unknown) => value is T): Check<T> {
	return { expected, read: (value) => (isValid(value) ? value : undefined) };
}

export function whole(min: number, max: number): Check<number> {
	return checkFor(
		`a whole number from ${min} to ${max}`,
		(value): value is number => typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max,
	);
}

/** Milliseconds, up to the longest delay of a Node.js timer. */
export const milliseconds = { ...whole(1, 2 ** 31 - 1), expected: 'a whole number of milliseconds, at least 1' };

export const aBoolean = checkFor('true or false', (value) => typeof value === 'boolean');
export const aFunction = checkFor('a function', (value) => typeof value === 'function');

/** The first of these checks that the value passes. */
export function either<T>(expected: string, ...checks: readonly Check<T>[]): Check<T> {
	return { expected, read: (value) => checks.map(({ read }) => read(value)).find((read) => read !== undefined) };
}

export function oneOf<const Word extends string>(...words: Word[]): Check<Word> {
	const expected = words.map((word) => JSON.stringify(word)).join(' or ');
	return { expected, read: (value) => words.find((word) => word === value) };
}

/** The value as a programmer would write it, shortened. */
export function quote(value: unknown): string {
	const options = { depth: 1, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 80, maxArrayLength: 5 };
	return instanceOf(value) ?? inspect(value, options);
}

/** The end of a message about an unknown name: a known one that begins like it, or all. */
export function hint(name: string, known: readonly string[]): string {
	const start = name.slice(0, 3).toLowerCase();
	const near = known.find((candidate) => candidate.toLowerCase().startsWith(start));
	return near ? `; did you mean ${near}?` : `; valid names are ${known.join(', ')}`;
}
