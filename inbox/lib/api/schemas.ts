import { z } from 'zod';
import { erasableKeys } from '../store/erasure.js';
import { STATES } from '../store/read/filters.js';
import { PERIODS } from '../store/read/statistics-range.js';

/** The schemas of responses, by the names that the OpenAPI document gives them. */
export const SCHEMAS = z.registry<{ id: string }>();

function named<T extends z.ZodType>(id: string, schema: T): T {
	SCHEMAS.add(schema, { id });
	return schema;
}

const time = (description: string) => z.iso.datetime().describe(`${description}; RFC 3339 in UTC`);
const text = (description: string) => z.string().describe(description);
const state = z.enum(STATES).describe('submitted: registered, and no report has arrived');
const count = z.int().min(0);
const share = z.number().min(0).max(1);

/** A list can be continued. */
const next = z.string().optional().describe('The cursor of the next page; absent on the last one');

const MESSAGE_FIELDS = {
	id: text('Identifies a message: one MessageID to one recipient at one provider'),
	messageId: text('The MessageID, truncated after 200 characters'),
	provider: text('The name of the provider'),
	recipient: text("The recipient's number, or the address if it has none").optional(),
	sender: text("The sender's number or text").optional(),
	state,
	mmStatus: text('The MMStatus of the report that determines the state').optional(),
	statusText: text('The StatusText of that report').optional(),
	transactionId: text('The TransactionID of that report').optional(),
	since: time(
		'When that report arrived, or when a message without reports was submitted. In a list by start, such as that of overdue messages: its start',
	),
	operator: text('The id of the operator').optional(),
	reference: text('The reference that your application registered').optional(),
};

export const MESSAGES = named(
	'Messages',
	z.object({ messages: z.array(named('Message', z.object(MESSAGE_FIELDS))).describe('The latest change first'), next }),
);

const ADDRESS = named(
	'Address',
	z.object({
		address: text('The address as reported'),
		number: text('The phone number or short code in it').optional(),
	}),
);

const REPORT = named(
	'Report',
	z.object({
		id: text('Identifies the report'),
		kind: z.enum(['delivery', 'read']).describe('A delivery report or a read reply'),
		receivedAt: time('When it arrived'),
		date: time('Its date, if it is a valid one').optional(),
		dateText: text('Its date as sent').optional(),
		state: text('The state it reports; that of a read reply is read, deleted or unknown'),
		mmStatus: text('Its MMStatus'),
		mmStatusExtension: text('Its MMStatusExtension').optional(),
		statusText: text('Its StatusText').optional(),
		transactionId: text('Its TransactionID'),
		recipient: ADDRESS,
		sender: ADDRESS.optional(),
		operator: text('The id of the operator').optional(),
		handset: text('The UAProf of the handset').optional(),
		applicId: text('Its ApplicID').optional(),
	}),
);

export const MESSAGE_STORY = named(
	'MessageStory',
	z.object({
		id: MESSAGE_FIELDS.id,
		messageId: text('The MessageID, truncated after 2,000 characters'),
		provider: MESSAGE_FIELDS.provider,
		recipient: MESSAGE_FIELDS.recipient.optional(),
		sender: MESSAGE_FIELDS.sender,
		state,
		mmStatus: MESSAGE_FIELDS.mmStatus,
		final: z.boolean().describe('Whether no later report is expected'),
		since: MESSAGE_FIELDS.since,
		submittedAt: time('When the provider accepted the message, if that is certain').optional(),
		reference: MESSAGE_FIELDS.reference,
		submission: named(
			'Submission',
			z.object({
				recipient: ADDRESS,
				sender: ADDRESS.optional(),
				submittedAt: time('When the provider accepted the message').optional(),
			}),
		)
			.optional()
			.describe('What your application registered; absent if it has not'),
		reportCount: count.describe('The number of reports and read replies'),
		reports: z.array(REPORT).describe('The newest 100 reports and read replies, in the order of arrival'),
		events: z
			.array(
				named(
					'Event',
					z.object({
						id: text('Identifies the event in the inbox'),
						type: z.enum(['message.updated', 'message.read', 'message.overdue']),
						state: state.optional().describe('The state of the message that it reports'),
						createdAt: time('When it was recorded'),
						dueAt: time('When the next attempt is due; absent if there is none').optional(),
						gaveUpAt: time('When the inbox gave up').optional(),
						attempts: z
							.array(
								named(
									'Attempt',
									z.object({
										startedAt: time('When it began'),
										durationMs: z.number(),
										status: z.int().optional().describe('The HTTP status of the response'),
										error: text('Why there was no response').optional(),
										response: text('The first kilobyte of the response').optional(),
									}),
								),
							)
							.describe('Oldest first'),
					}),
				),
			)
			.describe('The newest events for your application, newest first'),
		otherRecipients: z
			.array(
				named('OtherRecipient', z.object({ id: MESSAGE_FIELDS.id, recipient: text('The number or address'), state })),
			)
			.describe('Up to 50 other messages with this MessageID'),
	}),
);

const COUNTS = {
	total: count,
	states: z.object(Object.fromEntries(STATES.map((one) => [one, count]))).describe('The number of messages by state'),
	deliveryRate: share.optional().describe('Delivered messages per message that is not pending'),
};

const DELIVERY_TIMES = named(
	'DeliveryTimes',
	z.object({
		count: count.describe('The number of delivered messages whose submission time is certain'),
		p50: z.number().describe('In seconds, like p90 and p99'),
		p90: z.number(),
		p99: z.number(),
		within1Minute: share,
		within5Minutes: share,
		within10Minutes: share,
	}),
);

const SHARES = z
	.array(named('Share', z.object({ value: text('Absent: not reported').optional(), ...COUNTS })))
	.describe('The most frequent ones first');

export const STATISTICS = named(
	'Statistics',
	z
		.object({
			from: time('The start of the range'),
			to: time('The end of the range'),
			period: z.enum(PERIODS).describe('The length of a bar'),
			zone: text('The time zone of days, weeks and months'),
			...COUNTS,
			bars: z
				.array(
					named(
						'Bar',
						z.object({
							from: time('The start of the bar'),
							to: time('Its end'),
							isUnfinished: z.boolean().describe('Whether it has not ended yet'),
							...COUNTS,
						}),
					),
				)
				.describe('Oldest first, including empty ones'),
			before: named('StatisticsBefore', z.object({ ...COUNTS, deliveryTimes: DELIVERY_TIMES.optional() })).describe(
				'The same for the range of the same length before this one',
			),
			deliveryTimes: DELIVERY_TIMES.optional(),
			mmStatuses: SHARES,
			operators: SHARES,
			senders: SHARES,
			providers: SHARES,
			failures: z
				.array(named('FailureReason', z.object({ mmStatus: z.string(), statusText: z.string(), count })))
				.describe('Ids and numbers in StatusText are replaced by …'),
		})
		.describe('A message counts when it was submitted or, if that is unknown, first reported'),
);

const CHOICES_OF = z
	.array(named('Choice', z.object({ value: z.string(), count: count.describe('The number of messages') })))
	.describe('The most frequent ones first');

export const CHOICES = named(
	'Choices',
	z.object({ mmStatus: CHOICES_OF, sender: CHOICES_OF, operator: CHOICES_OF, provider: CHOICES_OF }),
);

export const REFUSED = named(
	'Refused',
	z.object({
		counts: z
			.array(
				named(
					'RefusalCount',
					z.object({
						reason: text('Why they were refused'),
						title: text('The same in words'),
						advice: text('What to do'),
						count,
						firstAt: time('When the first one arrived'),
						lastAt: time('When the last one arrived'),
					}),
				),
			)
			.describe('The refused requests of the last 24 hours by reason, the latest first'),
		requests: z
			.array(
				named(
					'RefusedRequest',
					z.object({
						id: text('Identifies the request'),
						receivedAt: time('When it arrived'),
						reason: text('Why it was refused'),
						message: text('The same in words'),
						httpStatus: z.int().optional().describe('The status of the response; absent if there was none'),
						statusCode: z.int().optional().describe('The MM7 StatusCode of the response'),
						provider: text('The name of the provider; absent if the request did not reach a receiver').optional(),
						peer: text('The address it came from'),
						method: text('Its method').optional(),
						path: text('Its path').optional(),
						size: count.describe('The size of its body, in bytes'),
						kept: count.describe('The number of bytes of the body that are kept'),
					}),
				),
			)
			.describe('Newest first'),
		next,
	}),
);

export const ERASED = named(
	'Erased',
	z.object({
		messages: count.describe('Messages to or from the number'),
		reports: count.describe('Reports, read replies and registrations with the number anywhere in them'),
		refused: count.describe('Refused requests with the number in them, which are deleted'),
	}),
);

const MAX_RECIPIENTS = 1_000;
const MAX_TEXT_LENGTH = 300;
const MAX_REFERENCE_LENGTH = 200;
/** Clocks may differ. */
const MAX_FUTURE_MS = 24 * 3_600_000;

const field = (description: string, maxLength = MAX_TEXT_LENGTH) =>
	z.string().trim().min(1).max(maxLength).describe(description);

/** The MessageID in the path of a registration. */
export const REGISTERED_ID = field('The MessageID that the provider returned');

/** What an application registers about a message that it submitted. There is no place for its content. */
export const REGISTRATION = named(
	'Registration',
	z.strictObject({
		recipients: z
			.array(field('A number in any notation, or another address exactly as the provider reports it'))
			.min(1)
			.max(MAX_RECIPIENTS),
		sender: field('The number or text').optional(),
		submittedAt: z.iso
			.datetime({ offset: true })
			.refine((text) => Date.parse(text) < Date.now() + MAX_FUTURE_MS, { error: 'must not be in the future' })
			// some languages send an absent time as the year 1
			.refine((text) => Date.parse(text) >= 0, { error: 'must not be before 1970' })
			.optional()
			.describe('When the provider accepted the message; RFC 3339. Default: unknown'),
		reference: field("Your application's own id of the message", MAX_REFERENCE_LENGTH).optional(),
		provider: field('The name of the provider. Default: default').optional(),
	}),
);

/** A number to erase. */
export const ERASURE = named(
	'Erasure',
	z.strictObject({
		number: field('A phone number in any notation, or an e-mail address').refine(
			(text) => erasableKeys(text).length > 0,
			{ error: 'must be a phone number with its country code, or an e-mail address' },
		),
	}),
);
