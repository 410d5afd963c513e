/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import type { Attempt } from '../../store/outbox.js';
import { type GivenUp, MAX_GIVEN_UP, type MessageEvents, type StoredEvent } from '../../store/read/message-events.js';
import { List } from './list.js';
import { Link, PostForm } from './page-info.js';
import { Text } from './text.js';
import { Time } from './time.js';

/** The number of attempts to show for each event. */
const MAX_ATTEMPTS = 5;

/** The events of a message, and whether the application accepted them; nothing if there are none. */
export function Events({ messageKey, isOn, events }: MessageEvents & { messageKey: string }): JSX.Element | null {
	if (!isOn && events.length === 0) return null;
	return (
		<section class="card" aria-labelledby="events-title">
			<h2 id="events-title">Events for your application</h2>
			{events.length === 0 && <p class="quiet">No event of this message was recorded.</p>}
			<ol class="timeline">
				{events.map((event) => (
					<Entry event={event} key={event.id} />
				))}
			</ol>
			{isOn && (
				<PostForm action={`send-again?key=${encodeURIComponent(messageKey)}`}>
					<button type="submit">Send again</button>
				</PostForm>
			)}
		</section>
	);
}

function Entry({ event }: { event: StoredEvent }): JSX.Element {
	const { type, state, createdAt, attempts } = event;
	return (
		<li data-state={event.gaveUpAt ? 'failed' : event.dueAt ? 'pending' : 'delivered'}>
			<p class="step">
				<strong>{type}</strong> {state}{' '}
				<span class="quiet">
					<Time>{createdAt}</Time>
				</span>
			</p>
			<Outcome event={event} />
			{attempts.length > MAX_ATTEMPTS && (
				<p class="quiet">
					The last {MAX_ATTEMPTS} of {attempts.length} attempts:
				</p>
			)}
			{attempts.length > 0 && <List columns={ATTEMPT_COLUMNS} rows={attempts.slice(-MAX_ATTEMPTS)} />}
		</li>
	);
}

function Outcome({ event: { dueAt, gaveUpAt, attempts } }: { event: StoredEvent }): JSX.Element {
	if (gaveUpAt) {
		return (
			<p class="notice">
				The application did not accept it. The inbox gave up <Time>{gaveUpAt}</Time>.
			</p>
		);
	}
	if (dueAt === null)
		return <p class="quiet">{wasAccepted(attempts) ? 'Accepted' : 'Not accepted, and not retried any more'}</p>;
	return (
		<p class="quiet">
			Next attempt: <Time>{dueAt}</Time>
		</p>
	);
}

function wasAccepted(attempts: readonly Attempt[]): boolean {
	const { status = 0 } = attempts.at(-1) ?? {};
	return status >= 200 && status < 300;
}

const ATTEMPT_COLUMNS = [
	{ name: 'Attempt', cell: ({ startedAt }: Attempt) => <Time>{new Date(startedAt)}</Time> },
	{ name: 'Status', cell: ({ status, error = '' }: Attempt) => (status === undefined ? <Text>{error}</Text> : status) },
	{ name: 'Duration', cell: ({ durationMs }: Attempt) => `${durationMs.toLocaleString('en')} ms` },
	{ name: 'Response', cell: ({ response }: Attempt) => (response ? <Text lines>{response}</Text> : null) },
];

/** Says how many events were given up, and about which message the newest one is. */
export function GivenUpNotice({ givenUp }: { givenUp: readonly GivenUp[] }): JSX.Element | null {
	const [newest] = givenUp;
	if (newest === undefined) return null;
	const count = givenUp.length > MAX_GIVEN_UP ? `More than ${MAX_GIVEN_UP}` : givenUp.length;
	return (
		<p class="notice">
			{count} {givenUp.length === 1 ? 'event was' : 'events were'} not accepted by your application, and the inbox gave
			up on {givenUp.length === 1 ? 'it' : 'them'}, last <Time>{newest.gaveUpAt}</Time>.{' '}
			<Link href={`message?key=${newest.messageKey}`}>Show the last message</Link>
		</p>
	);
}
