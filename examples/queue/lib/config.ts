import path from 'node:path';
import { z } from 'zod';

const MINUTE = 60_000;
const MEBIBYTE = 1024 * 1024;

/** Sinch sends a report again five times, five minutes apart: its last copy comes 25 minutes after the first. */
const PROVIDER_RETRIES = 25 * MINUTE;

/** A whole number as an environment variable holds one: not blank, no sign, no fraction. */
const whole = (from: number, to: number = Number.MAX_SAFE_INTEGER) =>
	z.stringFormat('whole number', /^\d+$/).transform(Number).pipe(z.number().min(from).max(to));

const environment = z
	.object({
		/** Servers of an existing NATS, separated by commas. Absent: `npm start` runs a nats-server of its own. */
		NATS_URL: z.string().min(1).optional(),
		/** File with the credentials of a NATS user. */
		NATS_CREDENTIALS: z.string().min(1).optional(),
		/** Port of the nats-server that `npm start` runs; 0 takes a free one. */
		NATS_PORT: whole(0, 65_535).default(0),
		/** Where that nats-server keeps its streams and its log. */
		DATA_DIR: z
			.string()
			.min(1)
			.default(path.join(__dirname, '..', 'data')),
		/** Address that receivers listen on. */
		HOST: z.string().min(1).default('127.0.0.1'),
		/** Port that all receivers of this machine share; 0 takes a free one. */
		PORT: whole(0, 65_535).default(3000),
		/** Receiver processes that `npm start` runs. */
		RECEIVERS: whole(1, 64).default(2),
		/** Worker processes that `npm start` runs. */
		WORKERS: whole(1, 64).default(2),
		/** Copies that the NATS cluster keeps of everything: 1, 3 or 5. */
		REPLICAS: z.enum(['1', '3', '5']).transform(Number).default(1),
		/** Milliseconds in which JetStream recognises a report that it has stored. */
		DUPLICATE_WINDOW_MS: whole(PROVIDER_RETRIES + MINUTE).default(60 * MINUTE),
		/** Bytes that reports may take on disk; beyond them reports are refused, and the provider keeps them. */
		MAX_QUEUE_BYTES: whole(MEBIBYTE).default(1024 * MEBIBYTE),
		/** Milliseconds after which the provider is told to send again; Sinch waits 10,000 for its answer. */
		HANDLER_TIMEOUT_MS: whole(100, 9_500).default(8_000),
		/** Milliseconds that a report may take to be stored before the receiver gives up. */
		PUBLISH_TIMEOUT_MS: whole(50).default(4_000),
		/** Milliseconds after which a report that a worker neither finished nor gave back goes to another. */
		ACK_WAIT_MS: whole(500).default(30_000),
		/** Reports that may be with workers, or wait for their next attempt, at one time. */
		MAX_ACK_PENDING: whole(1).default(1_000),
		/** Reports that one worker handles at one time. */
		WORKER_CONCURRENCY: whole(1, 1_000).default(10),
		/** Deliveries to workers after which a report becomes a dead letter. */
		MAX_ATTEMPTS: whole(1, 1_000).default(20),
		/** Milliseconds before the second attempt; each later one waits twice as long. */
		BACKOFF_MS: whole(1).default(1_000),
		/** The longest pause between two attempts, in milliseconds. */
		MAX_BACKOFF_MS: whole(1).default(10 * MINUTE),
		/** Milliseconds between two looks for reports that a killed nats-server left over. */
		LEFTOVERS_INTERVAL_MS: whole(100).default(MINUTE),
	})
	.refine(({ PUBLISH_TIMEOUT_MS, HANDLER_TIMEOUT_MS }) => PUBLISH_TIMEOUT_MS <= 0.75 * HANDLER_TIMEOUT_MS, {
		path: ['PUBLISH_TIMEOUT_MS'],
		error: 'must leave a quarter of HANDLER_TIMEOUT_MS for the answer',
	});

/** The configuration, complete and checked; see the README for the meaning of each name. */
export type Config = z.infer<typeof environment>;

/**
 * Reads the configuration from environment variables; an empty one counts as absent.
 *
 * @throws Error that names each variable with a bad value
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
	const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
	const { success, data, error } = environment.safeParse(given);
	if (success) return data;
	throw new Error(`Bad configuration:\n${z.prettifyError(error)}`);
}
