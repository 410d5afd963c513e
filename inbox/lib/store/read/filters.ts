import { z } from 'zod';
import { midnight, offsetTimeText, UTC, type Zone } from '../../zone.js';
import type { MessageState } from '../report-row.js';
import { OVERDUE_KINDS } from './overdue.js';
import { MAX_LISTED, searchedTexts } from './search-text.js';
import { PERIODS, RANGE_SPANS, type RangeChoice } from './statistics-range.js';

/** All states, in the order pages show them. */
export const STATES: readonly MessageState[] = ['delivered', 'failed', 'pending', 'submitted', 'unknown'];

const SPANS = ['day', 'month'] as const;

/** A time span that ends now. */
export type Span = (typeof SPANS)[number];

/** A row of the list; the next page starts with the next older row. */
export interface Cursor {
	readonly at: Date;
	readonly reportId: string;
}

/** A page of the list: the rows before or after a row. */
export interface Position {
	/** Shows the rows that are older than this one. */
	readonly before?: Cursor | undefined;
	/** Shows the rows that are newer than this one. */
	readonly after?: Cursor | undefined;
}

/** A URL with an invalid parameter. The message tells the user why. */
export class BadUrl extends Error {
	constructor(
		/** The name of the parameter. */
		readonly parameter: string,
		/** What is wrong with it, such as `must be a number`. */
		readonly problem: string,
	) {
		super(`"${parameter}" ${problem}`);
	}
}

const MAX_VALUE_LENGTH = 300;
/** Enough for a hundred ids. */
const MAX_TEXT_LENGTH = 4_000;
const MAX_VALUES = 100;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const oneOf = <const T extends string>(allowed: readonly T[]) =>
	z.enum(allowed, { error: `must be one of: ${allowed.join(', ')}` });

const upTo = (length: number) => z.string().max(length, { error: `is longer than ${length} characters` });

/** A parameter that can be repeated; a message matches if it has any of the values. */
const anyOf = <T extends z.ZodType>(value: T) =>
	z
		.array(value)
		.max(MAX_VALUES, { error: `has more than ${MAX_VALUES} values` })
		.optional();

const words = (description: string) => anyOf(upTo(MAX_VALUE_LENGTH)).describe(description);

const time = (description: string) =>
	z
		.string()
		// a plus sign that is not escaped arrives as a blank
		.overwrite((text) => text.replace(/ (?=\d\d:\d\d$)/, '+'))
		.pipe(
			z.union([z.iso.datetime({ offset: true, local: true }), z.iso.datetime({ offset: true, precision: -1 })], {
				error: 'must be a time like 2026-07-07T14:00:00Z',
			}),
		)
		.transform((text) => new Date(/(?:Z|[+-]\d\d:\d\d)$/.test(text) ? text : `${text}Z`))
		.optional()
		.meta({ description, format: 'date-time' });

const ENDS = 'A value that ends or begins with * matches any beginning or end';

/**
 * The filters, by the names of their URL parameters. Page and API read them with this schema. A message matches if it
 * matches every filter that is set.
 */
export const FILTERS = {
	q: upTo(MAX_TEXT_LENGTH)
		.refine((text) => searchedTexts(text).listed.length <= MAX_LISTED, {
			error: `lists more than ${MAX_LISTED} ids or numbers`,
		})
		.optional()
		.describe(
			`The first or last characters of a MessageID, recipient or sender, or the first characters of a TransactionID or
			reference. A list of complete ids and numbers, separated by commas, blanks or line breaks, finds each of them`,
		),
	state: anyOf(oneOf(STATES)).describe('The state of the message'),
	mmStatus: words('The MMStatus that determines the state; compared without case, blanks, hyphens and underscores'),
	sender: words(`The sender's number or text, in any notation. ${ENDS}`),
	recipient: words(`The recipient's number or text, in any notation. ${ENDS}`),
	messageId: words('The complete MessageID'),
	transactionId: words('The complete TransactionID of any report about the message'),
	reference: words('The complete reference that your application registered'),
	operator: words('The id of the operator; compared like mmStatus'),
	provider: words('The name of the provider; compared like mmStatus'),
	overdue: oneOf(OVERDUE_KINDS)
		.optional()
		.describe(
			`Messages without a final report for OVERDUE_AFTER. no-report: registered, and nothing was reported; no-receipt:
			the last report is not final. They are listed by their start, as with by=start`,
		),
	by: oneOf(['start'])
		.optional()
		.describe(
			`start: list messages by their submission or, if that is unknown, their first report, which span, from and to then
			apply to. The statistics count them so. Default: by the report that determines the state`,
		),
	span: oneOf(SPANS).optional().describe('Messages whose state was reported in the last 24 hours, or 30 days of UTC'),
	from: time('Messages whose state was reported at this time or later, in UTC unless the time has an offset'),
	to: time('Messages whose state was reported before this time'),
};

/** The time range of the statistics, by the names of its URL parameters. */
export const STATISTICS_RANGE = {
	span: oneOf(RANGE_SPANS).optional().describe('A range that ends now; ignored if from or to is set. Default: day'),
	by: oneOf(PERIODS).optional().describe('The length of a bar. Default: by the length of the range'),
	from: time('Default: a day before to'),
	to: time('Default: the end of the current hour'),
};

/** The filters that select the messages to show. */
export type Filters = Readonly<z.output<z.ZodObject<typeof FILTERS>>>;

/** A position in the list: `before` in a URL. */
export const CURSOR = z
	.string()
	.regex(/^\d{1,15}-\d{1,18}$/, { error: 'is not a position in the list' })
	.transform((value): Cursor => {
		const [at, reportId = ''] = value.split('-');
		return { at: new Date(Number(at)), reportId };
	});

const id = z.string().regex(/^\d{1,15}$/, { error: 'must be a number' });

/**
 * Checks the parameters of a URL. Blank values count as absent, because forms send empty fields.
 *
 * @param shape - the schema of each parameter; those that can be repeated are arrays
 * @param unknown - what to do with other parameters
 * @throws BadUrl
 */
export function readParameters<T extends z.ZodRawShape>(
	params: URLSearchParams,
	shape: T,
	unknown: 'ignore' | 'reject' = 'ignore',
): z.output<z.ZodObject<T>> {
	const other = [...params.keys()].find((name) => !Object.hasOwn(shape, name));
	if (other !== undefined && unknown === 'reject') {
		throw new BadUrl(other, `is not a parameter; valid ones are: ${Object.keys(shape).join(', ') || 'none'}`);
	}
	const given = Object.entries(shape).map(([name, schema]) => {
		const values = params.getAll(name).flatMap((value) => value.trim() || []);
		if (isArray(schema)) return [name, values.length > 0 ? values : undefined];
		if (values.length > 1) throw new BadUrl(name, 'is given more than once');
		return [name, values[0]];
	});
	const { success, data, error } = z.object(shape).safeParse(Object.fromEntries(given));
	if (success) return data;
	const [issue] = error.issues;
	throw new BadUrl(String(issue?.path[0]), issue?.message ?? 'is invalid');
}

function isArray(schema: z.core.$ZodType): boolean {
	return schema instanceof z.ZodOptional ? isArray(schema.unwrap()) : schema instanceof z.ZodArray;
}

/**
 * Parses the filters in a URL.
 *
 * @throws BadUrl
 */
export function readFilters(params: URLSearchParams): Filters {
	return readParameters(params, FILTERS);
}

/**
 * Formats the filters as part of a URL, without those that are not set.
 *
 * @param changes - override filters, or add a position
 * @param zone - the zone of times, which include their offset
 */
export function filterQuery(filters: Filters, changes: Partial<Filters> & Position = {}, zone: Zone = UTC): string {
	const { before, after, ...all } = { ...filters, ...changes } as typeof changes;
	const params = new URLSearchParams();
	for (const name of Object.keys(FILTERS)) {
		const value = all[name as keyof Filters];
		if (value instanceof Date) params.append(name, offsetTimeText(value, zone));
		else for (const one of [value ?? []].flat()) params.append(name, one);
	}
	for (const [name, cursor] of Object.entries({ before, after })) if (cursor) params.append(name, cursorText(cursor));
	// a query may contain these as they are
	const text = String(params).replaceAll('%3A', ':').replaceAll('%2F', '/');
	return text === '' ? '' : `?${text}`;
}

/** The filters that choose a time range, and which time of a message has to be in it. */
export type TimeFilters = Pick<Filters, 'span' | 'from' | 'to' | 'by' | 'overdue'>;

/** Checks whether messages are listed by their start instead of the last change of their state. */
export function isByStart({ overdue, by }: TimeFilters): boolean {
	return overdue !== undefined || by === 'start';
}

/** Checks whether any filter is set. */
export function isNarrowed(filters: Filters): boolean {
	return filterQuery(filters) !== '';
}

/**
 * The time range that the filters select; `to` is exclusive.
 *
 * @param zone - of the days that a span has
 */
export function timeRange(
	{ span, from, to }: Pick<Filters, 'span' | 'from' | 'to'>,
	zone: Zone = UTC,
	now = new Date(),
): { from?: Date; to?: Date } {
	const start = from ?? (span && spanFrom(span, zone, now));
	return { ...(start && { from: start }), ...(to && { to }) };
}

/** The same filters with a time range instead of a span. */
export function withoutSpan({ span, ...filters }: Filters, zone: Zone = UTC): Filters {
	return { ...filters, ...timeRange({ ...filters, span }, zone) };
}

/** The start of a span: a whole hour, or midnight. */
function spanFrom(span: Span, zone: Zone, now: Date): Date {
	if (span === 'day') return new Date((Math.floor(now.getTime() / HOUR_MS) - 23) * HOUR_MS);
	// in the middle of a day, because days can have 23 to 25 hours
	return midnight(new Date(midnight(now, zone).getTime() - 29 * DAY_MS + DAY_MS / 2), zone);
}

/**
 * Parses the position of a page of the list; undefined for the first page.
 *
 * @throws BadUrl
 */
export function readPosition(params: URLSearchParams): Position | undefined {
	const { before, after } = readParameters(params, { before: CURSOR.optional(), after: CURSOR.optional() });
	return before || after ? { before, after } : undefined;
}

/** Formats a position in the list. */
export function cursorText({ at, reportId }: Cursor): string {
	return `${at.getTime()}-${reportId}`;
}

/**
 * Parses an integer, such as a row's id.
 *
 * @throws BadUrl
 */
export function readId(params: URLSearchParams, name: string): string | undefined {
	return readParameters(params, { [name]: id.optional() })[name];
}

/**
 * Parses the time range of the statistics.
 *
 * @throws BadUrl
 */
export function readRangeChoice(params: URLSearchParams): RangeChoice {
	return readParameters(params, STATISTICS_RANGE);
}
