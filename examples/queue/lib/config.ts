import path from 'node:path';
import { z } from 'zod';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const MEBIBYTE = 1024 * 1024;

/** A whole number as an environment variable holds one: not blank, no sign, no fraction. */
const whole = (from: number, to: number = Number.MAX_SAFE_INTEGER) =>
	z.stringFormat('whole number', /^\d+$/).transform(Number).pipe(z.number().min(from).max(to));

/** `amqp://user:password@host:5672/vhost`, or several of them for the nodes of one cluster. */
const rabbitmqUrls = z
	.string()
	.transform((text) => text.split(',').map((url) => url.trim()))
	.refine((urls) => urls.every(isRabbitmqUrl), {
		// the text itself may hold a password
		error: 'must be a URL like amqp://user:password@host:5672/vhost or amqps://…, or several separated by commas',
	});

function isRabbitmqUrl(text: string): boolean {
	return URL.canParse(text) && ['amqp:', 'amqps:'].includes(new URL(text).protocol);
}

const environment = z
	.object({
		/** The nodes of an existing RabbitMQ. Absent: `npm start` runs nodes of its own. */
		RABBITMQ_URL: rabbitmqUrls.optional(),
		/** Where the nodes that `npm start` runs keep their queues, logs and secret. */
		RABBITMQ_DIR: z
			.string()
			.min(1)
			.default(path.join(__dirname, '..', 'data'))
			.transform((folder) => path.resolve(folder)),
		/** RabbitMQ nodes that `npm start` runs: with three, one may fail. */
		NODES: z.enum(['1', '3']).transform(Number).default(1),
		/** Receiver processes that `npm start` runs. */
		RECEIVERS: whole(1, 64).default(2),
		/** Worker processes that `npm start` runs. */
		WORKERS: whole(1, 64).default(2),
		/** TCP port of the page that `npm start` runs; 0 takes a free one. */
		PAGE_PORT: whole(0, 65_535).default(3001),
		/** Bytes of reports in the queue; beyond them reports are refused, and the provider keeps them. */
		MAX_QUEUE_BYTES: whole(MEBIBYTE).default(1024 * MEBIBYTE),
		/** Milliseconds after which the provider is told to send again; Sinch waits 10,000 for its answer. */
		HANDLER_TIMEOUT_MS: whole(100, 9_500).default(8 * SECOND),
		/** Milliseconds that a report may take to be confirmed before the receiver gives up. */
		PUBLISH_TIMEOUT_MS: whole(50).default(4 * SECOND),
		/** Reports that one worker has in hand at one time, those between two attempts among them. */
		PREFETCH: whole(1, 10_000).default(250),
		/** Deliveries to workers after which a report becomes a dead letter. */
		MAX_ATTEMPTS: whole(1, 1_000_000).default(100),
		/** Milliseconds before the second attempt; each later one waits twice as long. */
		BACKOFF_MS: whole(1).default(SECOND),
		/** The longest pause between two attempts, in milliseconds; RabbitMQ takes a report back after 30 minutes. */
		MAX_BACKOFF_MS: whole(1, 20 * MINUTE).default(MINUTE),
	})
	.refine(({ PUBLISH_TIMEOUT_MS, HANDLER_TIMEOUT_MS }) => PUBLISH_TIMEOUT_MS <= 0.75 * HANDLER_TIMEOUT_MS, {
		path: ['PUBLISH_TIMEOUT_MS'],
		error: 'must leave a quarter of HANDLER_TIMEOUT_MS for the answer',
	});

/** The configuration of the queue, complete and checked; see the README for the meaning of each name. */
export type Config = z.infer<typeof environment>;

/**
 * Reads the configuration from environment variables; an empty one counts as absent. What concerns the database, the
 * log and the provider's credentials is read by the inbox.
 *
 * @throws Error that names each variable with a bad value
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
	const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()));
	const { success, data, error } = environment.safeParse(given);
	if (success) return data;
	throw new Error(`The configuration is wrong:\n${z.prettifyError(error)}`);
}
