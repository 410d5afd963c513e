/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import type { Choices } from '../../store/read/choices.js';
import { type Filters, filterQuery, isByStart, type Position, STATES } from '../../store/read/filters.js';
import type { Count, ListedMessage } from '../../store/read/find-messages.js';
import type { GivenUp } from '../../store/read/message-events.js';
import { OVERDUE_KINDS, type OverdueKind } from '../../store/read/overdue.js';
import { GivenUpNotice } from './events.js';
import { FilterForm } from './filter-form.js';
import { Layout } from './layout.js';
import { type Column, List, Paging } from './list.js';
import { Operator } from './operator.js';
import { Link, useZone } from './page-info.js';
import { State } from './state.js';
import { Copyable, plainText, Text } from './text.js';
import { Time } from './time.js';

/** A page of the list of messages. */
export interface MessagesView {
	readonly filters: Filters;
	/** Where the page is in the list; undefined for the first page. */
	readonly position: Position | undefined;
	readonly choices: Choices;
	readonly messages: readonly ListedMessage[];
	/** The number of newer messages that match the filters. */
	readonly newer: Count;
	readonly hasOlder: boolean;
	/** The number of messages that match the filters. */
	readonly hits: Count;
	/** The newest events that the application did not accept. */
	readonly givenUp: readonly GivenUp[];
	readonly pageSize: number;
}

const COLUMNS: readonly Column<ListedMessage>[] = [
	{ name: 'State', kind: 'state', cell: ({ state }) => <State state={state} /> },
	{ name: 'MMStatus', kind: 'status', cell: ({ mmStatus }) => <Text>{mmStatus}</Text> },
	{ name: 'Since', kind: 'since', cell: ({ at }) => <Time>{at}</Time> },
	{ name: 'Recipient', kind: 'recipient', cell: ({ recipient }) => <Copyable>{recipient}</Copyable> },
	{
		name: 'MessageID',
		kind: 'id',
		cell: ({ key, messageId }) => (
			<Copyable text={messageId}>
				<Link href={`message?key=${key}`}>{messageId === '' ? '(none)' : <Text>{messageId}</Text>}</Link>
			</Copyable>
		),
	},
	{ name: 'Sender', kind: 'sender', cell: ({ sender }) => textOrNull(sender) },
	{ name: 'Operator', kind: 'operator', cell: ({ operator }) => operator && <Operator id={operator} /> },
	{ name: 'Status text', kind: 'text', cell: ({ statusText }) => textOrNull(statusText) },
	{ name: 'TransactionID', kind: 'transaction', cell: ({ transactionId }) => <Copyable>{transactionId}</Copyable> },
	{ name: 'Reference', kind: 'reference', cell: ({ reference }) => reference && <Copyable>{reference}</Copyable> },
	{ name: 'Provider', kind: 'provider', cell: ({ provider }) => textOrNull(provider) },
];

/** The list of messages, with the search and the filters above it. */
export function MessagesPage(view: MessagesView): JSX.Element {
	const { filters, position, messages, hits } = view;
	return (
		<Layout
			title={filters.q === undefined ? 'Messages' : `“${plainText(filters.q)}”`}
			place={filters.overdue ? 'Overdue' : 'Messages'}
			script="live.js"
			scripts={['filters.js']}
			updates={`.${filterQuery(filters)}`}
		>
			<h1 class="hidden">Messages</h1>
			<GivenUpNotice givenUp={view.givenUp} />
			<FilterForm filters={filters} choices={view.choices} />
			<section
				class="messages-list"
				id="live"
				aria-labelledby="list-title"
				data-version={position ? 'older' : [hits.count, ...messages.map(({ reportId }) => reportId)].join(' ')}
			>
				<div class="bar">
					{filters.overdue ? <OverdueTabs filters={filters} /> : <StateTabs filters={filters} />}
					<h2 id="list-title">{titleOf(view)}</h2>
					<Pages {...view} />
				</div>
				{filters.overdue && <p class="quiet">{OVERDUE[filters.overdue].meaning}</p>}
				{messages.length === 0 ? <NothingFound filters={filters} /> : <Messages {...view} />}
			</section>
		</Layout>
	);
}

/** Columns that no message of the page fills are left out, as is the provider if there is only one. */
function Messages({ filters, messages, choices }: MessagesView): JSX.Element {
	const isNeeded = ({ kind }: Column<ListedMessage>) => {
		if (kind === 'provider') return choices.provider.length > 1;
		return kind !== 'reference' || messages.some(({ reference }) => reference !== null);
	};
	const columns = COLUMNS.filter(isNeeded).map((column) =>
		isByStart(filters) && column.kind === 'since' ? { ...column, name: 'Started' } : column,
	);
	return <List kind="messages" columns={columns} rows={messages} />;
}

function Pages({ filters, messages, newer, hasOlder, pageSize }: MessagesView): JSX.Element {
	const zone = useZone();
	const [first, last] = [messages.at(0), messages.at(-1)];
	const at = (position: Position) => `.${filterQuery(filters, position, zone)}`;
	const isSecond = newer.count <= pageSize && !newer.more;
	return (
		<>
			<Paging
				newer={newer.count > 0 ? at(isSecond ? {} : { after: first }) : undefined}
				older={hasOlder && last ? at({ before: last }) : undefined}
			/>
			{messages.length > 0 && (
				<p class="quiet downloads">
					<Link href={`messages.xlsx${filterQuery(filters)}`} download>
						Excel
					</Link>
					<Link href={`messages.csv${filterQuery(filters)}`} download>
						CSV
					</Link>
				</p>
			)}
		</>
	);
}

function StateTabs({ filters }: { filters: Filters }): JSX.Element {
	const zone = useZone();
	const tabs = [undefined, ...STATES];
	return (
		<nav class="tabs" aria-label="State">
			{tabs.map((state) => (
				<Link
					key={state ?? 'all'}
					href={`.${filterQuery(filters, { state: state && [state] }, zone)}`}
					aria-current={(state ? filters.state?.includes(state) : !filters.state) ? 'true' : undefined}
				>
					{state ? <State state={state} /> : 'all'}
				</Link>
			))}
		</nav>
	);
}

const OVERDUE: Readonly<Record<OverdueKind, { readonly name: string; readonly meaning: string }>> = {
	'no-report': {
		name: 'No report',
		meaning: 'Your application registered these messages, and nothing was reported about them. Ask the provider.',
	},
	'no-receipt': {
		name: 'No receipt',
		meaning:
			'The network accepted these messages, but their last report is not final. Some networks report nothing else.',
	},
};

function OverdueTabs({ filters }: { filters: Filters }): JSX.Element {
	const zone = useZone();
	return (
		<nav class="tabs" aria-label="Overdue">
			{OVERDUE_KINDS.map((overdue) => (
				<Link
					key={overdue}
					href={`.${filterQuery(filters, { overdue, state: undefined }, zone)}`}
					aria-current={filters.overdue === overdue ? 'true' : undefined}
				>
					{OVERDUE[overdue].name}
				</Link>
			))}
		</nav>
	);
}

/** The number of messages that match, but at least those up to this page: counting is given up after a short time. */
function hitsOf({ messages, newer, hasOlder, hits }: MessagesView): Count {
	const listed = newer.count + messages.length;
	return hits.more && hits.count <= listed ? { count: listed, more: hasOlder || newer.more } : hits;
}

/** The position in the list: `51–100 of 188,000 messages`. */
function titleOf(view: MessagesView): JSX.Element {
	const { filters, messages, newer } = view;
	const hits = hitsOf(view);
	const count = `${hits.more ? 'more than ' : ''}${hits.count.toLocaleString('en')}`;
	const isWhole = messages.length === hits.count && !hits.more;
	const [first, last] = [newer.count + 1, newer.count + messages.length].map((place) => place.toLocaleString('en'));
	// beyond the limit of counting, the position is unknown
	const place = newer.more ? messages.length : `${first}–${last}`;
	return (
		<>
			{isWhole || messages.length === 0 ? count : `${place} of ${count}`}
			{hits.count === 1 ? ' message' : ' messages'}
			{filters.q !== undefined && (
				<>
					{' '}
					for “<Text>{filters.q}</Text>”
				</>
			)}
		</>
	);
}

function textOrNull(text: string | null): JSX.Element | null {
	return text ? <Text>{text}</Text> : null;
}

function NothingFound({ filters }: { filters: Filters }): JSX.Element {
	const textOnly = filterQuery({ q: filters.q });
	return (
		<div class="empty">
			<p>
				<strong>No messages found.</strong>
			</p>
			{filters.q !== undefined && (
				<p>
					The search matches whole ids and numbers, or their first or last characters, but not the middle. Try the last
					four digits of the number.
				</p>
			)}
			{textOnly !== filterQuery(filters) && (
				<p>
					<Link href={`.${textOnly}`}>
						{filters.q === undefined ? 'Show all messages' : 'Search without the other filters'}
					</Link>
				</p>
			)}
		</div>
	);
}
