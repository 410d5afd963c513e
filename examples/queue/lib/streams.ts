import {
	AckPolicy,
	type ConsumerConfig,
	DiscardPolicy,
	JetStreamApiError,
	type JetStreamClient,
	type JetStreamManager,
	jetstream,
	RetentionPolicy,
	type StreamConfig,
} from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Config } from './config.js';

/** The stream of reports that wait for a worker; its subjects end in the state of the report. */
export const REPORTS = 'MM7_REPORTS';
export const REPORTS_SUBJECT = 'mm7.reports';

/** The durable consumer that all workers share. */
export const WORKERS = 'workers';

/** The stream of reports that workers gave up. */
export const DEAD_LETTERS = 'MM7_DEAD_LETTERS';
export const DEAD_LETTERS_SUBJECT = 'mm7.dead-letters';

/** The bucket with one entry for each report handled. */
export const EFFECTS = 'mm7-effects';

const DAY = 24 * 60 * 60 * 1000;

/** What receivers and workers need of JetStream, existing and configured. */
export interface Queue {
	readonly jetstream: JetStreamClient;
	readonly manager: JetStreamManager;
	readonly effects: KV;
}

/** JetStream answers this when a stream of that name exists with another configuration. */
const STREAM_NAME_IN_USE = 10058;

/** The bucket is created with this; a second revision of a key would show that an effect happened twice. */
const EFFECTS_OPTIONS = { history: 5, ttl: 30 * DAY };

/** Opens the queue as the receivers and workers have prepared it. */
export async function openQueue(nats: NatsConnection): Promise<Queue> {
	const client = jetstream(nats);
	return {
		jetstream: client,
		manager: await client.jetstreamManager(),
		effects: await new Kvm(client).open(EFFECTS),
	};
}

/**
 * Opens the queue for receivers and workers: creates what is missing, and gives what exists the present
 * configuration. Every process may do so at any time.
 *
 * @throws JetStreamApiError where NATS refuses, such as more replicas than servers
 */
export async function prepareQueue(nats: NatsConnection, config: Config): Promise<Queue> {
	const client = jetstream(nats);
	const manager = await client.jetstreamManager();
	// a full stream refuses what is new: it never drops what nobody has handled
	const shared = { num_replicas: config.REPLICAS, discard: DiscardPolicy.New, allow_direct: true };
	await putStream(manager, {
		...shared,
		name: REPORTS,
		retention: RetentionPolicy.Workqueue,
		subjects: [`${REPORTS_SUBJECT}.*`],
		max_bytes: config.MAX_QUEUE_BYTES,
		duplicate_window: nanos(config.DUPLICATE_WINDOW_MS),
	});
	await putStream(manager, { ...shared, name: DEAD_LETTERS, subjects: [`${DEAD_LETTERS_SUBJECT}.*`] });
	await manager.consumers.add(REPORTS, workersConsumer(config));
	await new Kvm(client).create(EFFECTS, { ...EFFECTS_OPTIONS, replicas: config.REPLICAS });
	return openQueue(nats);
}

/**
 * Deliveries have no bound on the side of NATS: at its bound a message would stay in the stream and be delivered to
 * nobody. The workers count instead, and make a dead letter of it.
 */
function workersConsumer(config: Config): Partial<ConsumerConfig> {
	return {
		durable_name: WORKERS,
		ack_policy: AckPolicy.Explicit,
		ack_wait: nanos(config.ACK_WAIT_MS),
		max_ack_pending: config.MAX_ACK_PENDING,
		max_deliver: -1,
	};
}

async function putStream(manager: JetStreamManager, stream: Partial<StreamConfig> & { name: string }): Promise<void> {
	try {
		await manager.streams.add(stream);
	} catch (error) {
		if (!(error instanceof JetStreamApiError && error.code === STREAM_NAME_IN_USE)) throw error;
		await manager.streams.update(stream.name, stream);
	}
}
