import type { DeliveryState } from 'mm7-delivery-reports';
import { z } from 'zod';

/** All states, in the order in which pages show them. */
export const STATES: readonly DeliveryState[] = ['delivered', 'failed', 'pending', 'unknown'];

const SPANS = ['day', 'month'] as const;

/** A stretch of time that ends now. */
export type Span = (typeof SPANS)[number];

/** Which messages are to be shown: all that the URL of a page says. */
export interface Filters {
	/** What somebody typed: a MessageID or number, or either end of one. Empty: any. */
	readonly text: string;
	readonly state?: DeliveryState | undefined;
	readonly mmStatus?: string | undefined;
	readonly operator?: string | undefined;
	readonly span?: Span | undefined;
	/** First moment, in the form of an input field: `2026-07-07T14:00`, UTC. */
	readonly from?: string | undefined;
	/** First moment that is too late. */
	readonly to?: string | undefined;
}

/** A row of the list; the page after it begins with the next older one. */
export interface Cursor {
	readonly at: Date;
	readonly reportId: string;
}

/** A URL that asks for something that does not exist, with the reason for its reader. */
export class BadUrl extends Error {}

const MAX_TEXT_LENGTH = 300;
const SPAN_HOURS: Readonly<Record<Span, number>> = { day: 24, month: 30 * 24 };

/** What is blank counts as absent. */
const orAbsent = <T extends z.ZodType>(schema: T) =>
	z.preprocess((value) => (value as string | null)?.trim() || undefined, schema.optional());

const text = orAbsent(z.string().max(MAX_TEXT_LENGTH, { error: `is longer than ${MAX_TEXT_LENGTH} characters` }));

const oneOf = <const T extends string>(allowed: readonly T[]) =>
	orAbsent(z.enum(allowed, { error: `must be one of: ${allowed.join(', ')}` }));

const minute = orAbsent(
	z.string().refine((value) => /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(value) && !Number.isNaN(utc(value).getTime()), {
		error: 'must be a time like 2026-07-07T14:00',
	}),
);

const id = z.stringFormat('id', /^\d{1,15}$/, { error: 'must be a number' });

const cursor = z
	.stringFormat('cursor', /^\d{1,15}-\d{1,18}$/, { error: 'is no place in the list' })
	.transform((value): Cursor => {
		const [at, reportId = ''] = value.split('-');
		return { at: new Date(Number(at)), reportId };
	});

/** The parameters of a URL that are filters, by their names there. */
const FILTERS = {
	q: text,
	state: oneOf(STATES),
	status: text,
	operator: text,
	span: oneOf(SPANS),
	from: minute,
	to: minute,
};

/** @throws BadUrl */
function read<T extends z.ZodRawShape>(params: URLSearchParams, shape: T): z.output<z.ZodObject<T>> {
	const given = Object.fromEntries(Object.keys(shape).map((name) => [name, params.get(name) ?? undefined]));
	const { success, data, error } = z.object(shape).safeParse(given);
	if (success) return data;
	const [issue] = error.issues;
	throw new BadUrl(`"${issue?.path.join('.')}" ${issue?.message}`);
}

/**
 * Reads the filters of a URL.
 *
 * @throws BadUrl
 */
export function readFilters(params: URLSearchParams): Filters {
	const { q, status, ...rest } = read(params, FILTERS);
	return { text: q ?? '', mmStatus: status, ...rest };
}

/** The same as part of a URL, without what is not set; `changes` replaces some. */
export function filterQuery(filters: Filters, changes: Partial<Filters> & { before?: Cursor } = {}): string {
	const { text, state, mmStatus, operator, span, from, to, before } = { ...filters, ...changes } as typeof changes;
	const all = { q: text, state, status: mmStatus, operator, span, from, to, before: before && cursorText(before) };
	const set = Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1]));
	return set.length === 0 ? '' : `?${new URLSearchParams(set)}`;
}

/** Whether anything narrows the list. */
export function isNarrowed(filters: Filters): boolean {
	return filterQuery(filters) !== '';
}

/** The time that the filters leave: `to` is the first moment that is too late. */
export function timeRange({ span, from, to }: Omit<Filters, 'text'>, now = new Date()): { from?: Date; to?: Date } {
	const spanStart = span && spanFrom(span, now);
	const start = from === undefined ? spanStart : utc(from);
	return { ...(start && { from: start }), ...(to !== undefined && { to: utc(to) }) };
}

/** The first whole hour, or day, of a span. */
export function spanFrom(span: Span, now: Date): Date {
	const step = spanStep(span);
	return new Date((Math.floor(now.getTime() / step) + 1) * step - SPAN_HOURS[span] * 3_600_000);
}

/** Milliseconds of one bar: an hour of a day, a day of a month. */
export function spanStep(span: Span): number {
	return (span === 'day' ? 1 : 24) * 3_600_000;
}

/** A moment as the filters write it. */
export function minuteText(date: Date): string {
	return date.toISOString().slice(0, 16);
}

/**
 * Reads where a page of the list begins.
 *
 * @throws BadUrl
 */
export function readCursor(params: URLSearchParams): Cursor | undefined {
	return read(params, { before: cursor.optional() }).before;
}

/**
 * Reads a whole number, such as the id of a row.
 *
 * @throws BadUrl
 */
export function readId(params: URLSearchParams, name: string): string | undefined {
	return read(params, { [name]: id.optional() })[name];
}

/**
 * Reads which time the statistics are of; by default the last day.
 *
 * @throws BadUrl
 */
export function readSpan(params: URLSearchParams): Span {
	return read(params, { span: oneOf(SPANS) }).span ?? 'day';
}

function cursorText({ at, reportId }: Cursor): string {
	return `${at.getTime()}-${reportId}`;
}

function utc(text: string): Date {
	return new Date(`${text}Z`);
}
