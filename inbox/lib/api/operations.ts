import { z } from 'zod';
import type { Logger } from '../log.js';
import type { Database } from '../store/database.js';
import { type Erasure, erasableKeys } from '../store/erasure.js';
import type { Outbox } from '../store/outbox.js';
import { readChoices } from '../store/read/choices.js';
import { CURSOR, cursorText, FILTERS, STATISTICS_RANGE } from '../store/read/filters.js';
import { findMessages } from '../store/read/find-messages.js';
import { eventQueries, type StoredEvent } from '../store/read/message-events.js';
import { type MessageStory, messageStories } from '../store/read/message-story.js';
import { refusedQueries, startOfDays } from '../store/read/refused.js';
import { readStatistics } from '../store/read/statistics.js';
import { chooseRange } from '../store/read/statistics-range.js';
import { describeReason } from '../store/refusal-reasons.js';
import type { ReportRepository } from '../store/report-repository.js';
import { senderText } from '../store/search-key.js';
import { readZone, UTC } from '../zone.js';
import { type Operation, operation, Redirect } from './operation.js';
import { Problem } from './problem.js';
import {
	CHOICES,
	ERASED,
	ERASURE,
	MESSAGE_STORY,
	MESSAGES,
	REFUSED,
	REGISTERED_ID,
	REGISTRATION,
	STATISTICS,
} from './schemas.js';

/** Changes what the database contains. */
export interface ApiWriters {
	readonly reports: Pick<ReportRepository, 'register'>;
	readonly outbox: Pick<Outbox, 'resend'>;
	readonly erasure: Pick<Erasure, 'erase'>;
	/** Called after a change that open pages show or that is sent to the application. */
	onNews(): void;
}

/** Settings of the API. */
export interface ApiSettings {
	/** The bearer token that every request needs; absent: the API is closed. */
	readonly apiToken?: string | undefined;
	/** The providers of which messages can be registered. Default: any. */
	readonly providers?: readonly { readonly name: string }[] | undefined;
	/** The age of an overdue message; absent: the filter `overdue` is refused. */
	readonly overdueAfterMs?: number | undefined;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 200;

const LIMIT_ERROR = { error: `must be a number from 1 to ${MAX_LIMIT}` };
const LIMIT = z.coerce
	.number(LIMIT_ERROR)
	.int(LIMIT_ERROR)
	.min(1, LIMIT_ERROR)
	.max(MAX_LIMIT, LIMIT_ERROR)
	.optional()
	.describe(`The number of entries. Default: ${DEFAULT_LIMIT}`);

const NEXT_PAGE = 'The "next" of the page before this one; the other parameters stay the same';
const MAX_REASON_LENGTH = 100;
const COUNTED_DAYS = 1;

const ZONE = z
	.string()
	.refine((name) => readZone(name) !== undefined, { error: 'must be a time zone like America/New_York' })
	.optional()
	.describe('The time zone of days, weeks and months, such as America/New_York. Default: UTC');

/** Creates the operations of the API. They ask the same functions as the page. */
export function apiOperations(
	database: Database,
	{ reports, outbox, erasure, onNews }: ApiWriters,
	{ overdueAfterMs, providers }: ApiSettings,
	log: Logger,
): Operation[] {
	const messages = findMessages(database, { overdueAfterMs });
	const stories = messageStories(database);
	const events = eventQueries(database);
	const statistics = readStatistics(database);
	const choices = readChoices(database);
	const refused = refusedQueries(database);

	return [
		operation({
			method: 'get',
			path: '/messages',
			summary: 'List messages, the latest change first',
			query: { ...FILTERS, limit: LIMIT, cursor: CURSOR.optional().describe(NEXT_PAGE) },
			result: MESSAGES,
			problems: [422],
			async run({ query: { limit = DEFAULT_LIMIT, cursor: before, ...filters } }) {
				const found = await messages.find({ filters, before }, limit + 1);
				const page = found.slice(0, limit);
				const last = page.at(-1);
				return {
					messages: page.map(({ key, at, reportId, mmStatus, transactionId, ...rest }) => ({
						id: key,
						...rest,
						since: at,
						// a message without a report has neither
						mmStatus: mmStatus || undefined,
						transactionId: transactionId || undefined,
					})),
					next: found.length > page.length && last ? cursorText(last) : undefined,
				};
			},
		}),
		operation({
			method: 'get',
			path: '/messages/{id}',
			summary: 'Get a message with its reports',
			inPath: { id: z.string().describe('The id of a message, or a MessageID') },
			result: MESSAGE_STORY,
			redirects: 'The path has a MessageID, which can belong to several messages: the location lists them',
			problems: [404],
			async run({ inPath: { id } }) {
				const story = await stories.read(id);
				if (story) return storyResult(story, (await events.of(id)).events);
				const [found] = await messages.find({ filters: { messageId: [id] } }, 1);
				if (found) return new Redirect(`../messages?${new URLSearchParams({ messageId: id })}`);
				throw new Problem(404, 'There is no message with this id or MessageID');
			},
		}),
		operation({
			method: 'put',
			path: '/messages/{id}',
			summary: 'Register a message that you submitted, before or after the first report about it',
			inPath: { id: REGISTERED_ID },
			body: REGISTRATION,
			problems: [413, 415],
			async run({ inPath: { id }, body: { submittedAt, ...rest } }) {
				if (rest.provider !== undefined && providers && !providers.some(({ name }) => name === rest.provider)) {
					const detail = `is not a provider of this inbox: ${providers.map(({ name }) => name).join(', ')}`;
					throw new Problem(400, `The body is invalid: #/provider ${detail}`, [{ pointer: '#/provider', detail }]);
				}
				const time = submittedAt === undefined ? undefined : new Date(submittedAt);
				await reports.register({ messageId: id, ...rest, submittedAt: time });
				return undefined;
			},
		}),
		operation({
			method: 'post',
			path: '/messages/{id}/resend',
			summary: 'Send an event with the current state of a message to your application again',
			inPath: { id: z.string().describe('The id of a message') },
			problems: [404, 409],
			async run({ inPath: { id } }) {
				if (await outbox.resend(id)) {
					onNews();
					return undefined;
				}
				if ((await stories.read(id)) === undefined) throw new Problem(404, 'There is no message with this id');
				throw new Problem(409, 'The inbox sends no events. Set FORWARD_URL');
			},
		}),
		operation({
			method: 'post',
			path: '/erasures',
			summary: 'Erase a number from all tables',
			body: ERASURE,
			result: ERASED,
			problems: [413, 415, 422],
			async run({ body: { number } }) {
				const traces = await erasure.erase(erasableKeys(number));
				log.info(traces, 'a number was erased');
				onNews();
				return traces;
			},
		}),
		operation({
			method: 'get',
			path: '/choices',
			summary: 'Get the values of the filters that messages have',
			query: { span: FILTERS.span, from: FILTERS.from, to: FILTERS.to, by: FILTERS.by },
			result: CHOICES,
			problems: [422],
			run: ({ query }) => choices(query),
		}),
		operation({
			method: 'get',
			path: '/statistics',
			summary: 'Get the number of messages by state, time and other values',
			query: { ...STATISTICS_RANGE, zone: ZONE },
			result: STATISTICS,
			async run({ query: { zone, ...choice } }) {
				const { range, ...rest } = await statistics(chooseRange(choice, readZone(zone ?? '') ?? UTC));
				return { ...range, ...rest };
			},
		}),
		operation({
			method: 'get',
			path: '/refused',
			summary: 'List refused requests, newest first',
			query: {
				reason: z
					.string()
					.max(MAX_REASON_LENGTH)
					.optional()
					.describe('Only requests that were refused for this reason'),
				limit: LIMIT,
				cursor: z
					.string()
					.regex(/^\d{1,18}$/, { error: 'is not a position in the list' })
					.optional()
					.describe(NEXT_PAGE),
			},
			result: REFUSED,
			async run({ query: { reason, limit = DEFAULT_LIMIT, cursor } }) {
				const [found, sums] = await Promise.all([
					refused.list(limit + 1, { reason, before: cursor }),
					refused.sums(startOfDays(COUNTED_DAYS)),
				]);
				const requests = found.slice(0, limit);
				return {
					counts: sums.map(({ reason, count, firstAt, lastAt }) => {
						const { title, advice } = describeReason(reason);
						return { reason, title, advice, count, firstAt, lastAt };
					}),
					requests: requests.map(({ provider, ...rest }) => ({ ...rest, provider: provider || undefined })),
					next: found.length > requests.length ? requests.at(-1)?.id : undefined,
				};
			},
		}),
	];
}

/** The recipient is the same in all reports about a message. */
function storyResult(
	{ key, reportId, mmStatus, senderKey, submission, reports, otherRecipients, ...rest }: MessageStory,
	events: readonly StoredEvent[],
) {
	const deciding = reports.find(({ id }) => id === reportId) ?? reports.at(-1) ?? submission;
	const sender = deciding?.sender ?? submission?.sender ?? null;
	return {
		id: key,
		...rest,
		mmStatus: mmStatus || undefined,
		recipient: deciding && (deciding.recipient.number ?? deciding.recipient.address),
		sender: senderText(senderKey, sender && (sender.number ?? sender.address)),
		submission: submission && {
			recipient: submission.recipient,
			sender: submission.sender,
			submittedAt: submission.date,
		},
		reports: reports.map((report) => ({ ...report, kind: report.kind as Exclude<typeof report.kind, 'submission'> })),
		events: events.map(({ state, ...event }) => ({ ...event, state: state as typeof rest.state | null })),
		otherRecipients: otherRecipients.map(({ key, ...other }) => ({ id: key, ...other })),
	};
}
