import { z } from 'zod';
import { parseTime } from '../../zone.js';
import type { MessageState } from '../report-row.js';
import { PERIODS, RANGE_SPANS, type RangeChoice } from './statistics-range.js';

/** All states, in the order pages show them. */
export const STATES: readonly MessageState[] = ['delivered', 'failed', 'pending', 'submitted', 'unknown'];

const SPANS = ['day', 'month'] as const;

/** A time span that ends now. */
export type Span = (typeof SPANS)[number];

/** The filters in a page's URL, which select the messages to show. */
export interface Filters {
	/** The search text: a MessageID or number, or either end of one. Empty: any. */
	readonly text: string;
	readonly state?: MessageState | undefined;
	readonly mmStatus?: string | undefined;
	readonly operator?: string | undefined;
	readonly span?: Span | undefined;
	/** The start (inclusive), as `2026-07-07T14:00-04:00`; without an offset, in UTC. */
	readonly from?: string | undefined;
	/** The end (exclusive), in the same format. */
	readonly to?: string | undefined;
}

/** A row of the list; the next page starts with the next older row. */
export interface Cursor {
	readonly at: Date;
	readonly reportId: string;
}

/** A URL with invalid parameters. The message tells the user why. */
export class BadUrl extends Error {}

const MAX_TEXT_LENGTH = 300;
const SPAN_HOURS: Readonly<Record<Span, number>> = { day: 24, month: 30 * 24 };

/** Treats blank values as absent. */
const orAbsent = <T extends z.ZodType>(schema: T) =>
	z.preprocess((value) => (value as string | null)?.trim() || undefined, schema.optional());

const text = orAbsent(z.string().max(MAX_TEXT_LENGTH, { error: `is longer than ${MAX_TEXT_LENGTH} characters` }));

const oneOf = <const T extends string>(allowed: readonly T[]) =>
	orAbsent(z.enum(allowed, { error: `must be one of: ${allowed.join(', ')}` }));

const minute = orAbsent(
	z.string().refine((value) => parseTime(value) !== undefined, {
		error: 'must be a time like 2026-07-07T14:00Z or 2026-07-07T14:00-04:00',
	}),
);

const id = z.stringFormat('id', /^\d{1,15}$/, { error: 'must be a number' });

const cursor = z
	.stringFormat('cursor', /^\d{1,15}-\d{1,18}$/, { error: 'is not a position in the list' })
	.transform((value): Cursor => {
		const [at, reportId = ''] = value.split('-');
		return { at: new Date(Number(at)), reportId };
	});

/** The filters, by the names of their URL parameters. */
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
 * Parses the filters in a URL.
 *
 * @throws BadUrl
 */
export function readFilters(params: URLSearchParams): Filters {
	const { q, status, ...rest } = read(params, FILTERS);
	return { text: q ?? '', mmStatus: status, ...rest };
}

/** Formats the filters as part of a URL, without those that are not set. `changes` override filters. */
export function filterQuery(filters: Filters, changes: Partial<Filters> & { before?: Cursor } = {}): string {
	const { text, state, mmStatus, operator, span, from, to, before } = { ...filters, ...changes } as typeof changes;
	const all = { q: text, state, status: mmStatus, operator, span, from, to, before: before && cursorText(before) };
	const set = Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1]));
	return set.length === 0 ? '' : `?${new URLSearchParams(set)}`;
}

/** Checks whether any filter is set. */
export function isNarrowed(filters: Filters): boolean {
	return filterQuery(filters) !== '';
}

/** The time range that the filters select; `to` is exclusive. */
export function timeRange({ span, from, to }: Omit<Filters, 'text'>, now = new Date()): { from?: Date; to?: Date } {
	const spanStart = span && spanFrom(span, now);
	const start = from === undefined ? spanStart : parseTime(from);
	const end = to === undefined ? undefined : parseTime(to);
	return { ...(start && { from: start }), ...(end && { to: end }) };
}

/** The start of a span: a whole hour or day. */
export function spanFrom(span: Span, now: Date): Date {
	const step = spanStep(span);
	return new Date((Math.floor(now.getTime() / step) + 1) * step - SPAN_HOURS[span] * 3_600_000);
}

/** Milliseconds per bar: an hour for a day, a day for a month. */
export function spanStep(span: Span): number {
	return (span === 'day' ? 1 : 24) * 3_600_000;
}

/** Formats a time as the filters do. */
export function minuteText(date: Date): string {
	return date.toISOString().slice(0, 16);
}

/**
 * Parses the position at which a page of the list starts.
 *
 * @throws BadUrl
 */
export function readCursor(params: URLSearchParams): Cursor | undefined {
	return read(params, { before: cursor.optional() }).before;
}

/**
 * Parses an integer, such as a row's id.
 *
 * @throws BadUrl
 */
export function readId(params: URLSearchParams, name: string): string | undefined {
	return read(params, { [name]: id.optional() })[name];
}

/**
 * Parses the time range of the statistics.
 *
 * @throws BadUrl
 */
export function readRangeChoice(params: URLSearchParams): RangeChoice {
	const { from, to, ...rest } = read(params, {
		span: oneOf(RANGE_SPANS),
		by: oneOf(PERIODS),
		from: minute,
		to: minute,
	});
	return { ...rest, from: from === undefined ? from : parseTime(from), to: to === undefined ? to : parseTime(to) };
}

function cursorText({ at, reportId }: Cursor): string {
	return `${at.getTime()}-${reportId}`;
}
