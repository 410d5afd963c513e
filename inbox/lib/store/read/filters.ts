import type { DeliveryState } from 'mm7-delivery-reports';

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

const LONGEST = 300;
const MINUTE = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/;
const SPAN_HOURS: Readonly<Record<Span, number>> = { day: 24, month: 30 * 24 };

/**
 * Reads the filters of a URL.
 *
 * @throws BadUrl
 */
export function readFilters(params: URLSearchParams): Filters {
	const text = (name: string) => {
		const value = params.get(name)?.trim() ?? '';
		if (value.length > LONGEST) throw new BadUrl(`"${name}" is longer than ${LONGEST} characters`);
		return value === '' ? undefined : value;
	};
	return {
		text: text('q') ?? '',
		state: oneOf(STATES, 'state', text('state')),
		mmStatus: text('status'),
		operator: text('operator'),
		span: oneOf(SPANS, 'span', text('span')),
		from: minute('from', text('from')),
		to: minute('to', text('to')),
	};
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
	const text = params.get('before');
	if (text === null) return undefined;
	const [, at, reportId] = /^(\d{1,15})-(\d{1,18})$/.exec(text) ?? [];
	if (at === undefined || reportId === undefined) throw new BadUrl('"before" is no place in the list');
	return { at: new Date(Number(at)), reportId };
}

/**
 * Reads a whole number, such as the id of a row.
 *
 * @throws BadUrl
 */
export function readId(params: URLSearchParams, name: string): string | undefined {
	const text = params.get(name);
	if (text === null || /^\d{1,15}$/.test(text)) return text ?? undefined;
	throw new BadUrl(`"${name}" must be a number`);
}

/**
 * Reads which time the statistics are of; by default the last day.
 *
 * @throws BadUrl
 */
export function readSpan(params: URLSearchParams): Span {
	return oneOf(SPANS, 'span', params.get('span') ?? undefined) ?? 'day';
}

function cursorText({ at, reportId }: Cursor): string {
	return `${at.getTime()}-${reportId}`;
}

function oneOf<T extends string>(allowed: readonly T[], name: string, value: string | undefined): T | undefined {
	if (value === undefined) return undefined;
	const found = allowed.find((one) => one === value);
	if (found === undefined) throw new BadUrl(`"${name}" must be one of: ${allowed.join(', ')}`);
	return found;
}

function minute(name: string, value: string | undefined): string | undefined {
	if (value === undefined || (MINUTE.test(value) && !Number.isNaN(utc(value).getTime()))) return value;
	throw new BadUrl(`"${name}" must be a time like 2026-07-07T14:00`);
}

function utc(text: string): Date {
	return new Date(`${text}Z`);
}
