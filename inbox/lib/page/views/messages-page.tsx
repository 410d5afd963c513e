/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { type Cursor, type Filters, filterQuery, STATES } from '../../store/read/filters.js';
import type { Count, ListedMessage } from '../../store/read/find-messages.js';
import type { GivenUp } from '../../store/read/message-events.js';
import { OVERDUE_KINDS, type OverdueKind } from '../../store/read/overdue.js';
import type { MessageState } from '../../store/report-row.js';
import { localText } from '../../zone.js';
import { GivenUpNotice } from './events.js';
import { Layout } from './layout.js';
import { type Column, clamped, List, Paging } from './list.js';
import { Link, useZone, ZoneField } from './page-info.js';
import { State } from './state.js';
import { plainText, Text } from './text.js';
import { Time } from './time.js';

/** A page of the list of messages. */
export interface MessagesView {
	readonly filters: Filters;
	/** The end of the previous page; undefined for the first page. */
	readonly before: Cursor | undefined;
	readonly messages: readonly ListedMessage[];
	readonly hasOlder: boolean;
	/** The number of messages that match the filters; undefined without filters. */
	readonly hits: Count | undefined;
	/** The newest events that the application did not accept. */
	readonly givenUp: readonly GivenUp[];
}

const COLUMNS: readonly Column<ListedMessage>[] = [
	{
		name: 'State',
		cell: ({ state, mmStatus }) => (
			<>
				<State state={state} />
				<small>
					<Text>{mmStatus}</Text>
				</small>
			</>
		),
	},
	{ name: 'Since', cell: ({ at }) => <Time>{at}</Time> },
	{ name: 'Recipient', cell: ({ recipient }) => clamped(recipient) },
	{
		name: 'MessageID',
		cell: ({ key, messageId }) => (
			<Link class="clamp" href={`message?key=${key}`}>
				{messageId === '' ? '(none)' : <Text>{messageId}</Text>}
			</Link>
		),
	},
	{ name: 'Sender', cell: ({ sender }) => clamped(sender) },
	{ name: 'Operator', cell: ({ operator }) => clamped(operator) },
	{ name: 'Status text', cell: ({ statusText }) => clamped(statusText) },
];

/** The list of messages, with the search form above it. */
export function MessagesPage(view: MessagesView): JSX.Element {
	const { filters, before, messages, hasOlder } = view;
	const last = messages.at(-1);
	const newest = `.${filterQuery(filters)}`;
	return (
		<Layout
			title={filters.q === undefined ? 'Messages' : `“${plainText(filters.q)}”`}
			place={filters.overdue ? 'Overdue' : 'Messages'}
			script="live.js"
			updates={newest}
		>
			<h1 class="hidden">Messages</h1>
			<GivenUpNotice givenUp={view.givenUp} />
			<SearchForm filters={filters} />
			<section
				class="card"
				id="live"
				aria-labelledby="list-title"
				data-version={before ? 'older' : messages.map(({ reportId }) => reportId).join(' ')}
			>
				<div class="heading">
					<h2 id="list-title">{titleOf(view)}</h2>
					{messages.length > 0 && (
						<p class="quiet downloads">
							<a href={`messages.xlsx${filterQuery(filters)}`} download>
								Excel
							</a>
							<a href={`messages.csv${filterQuery(filters)}`} download>
								CSV
							</a>
						</p>
					)}
				</div>
				{filters.overdue ? <OverdueTabs filters={filters} /> : <StateTabs filters={filters} />}
				{messages.length === 0 ? (
					<NothingFound filters={filters} />
				) : (
					<List kind="messages" columns={COLUMNS} rows={messages} />
				)}
				{(before || hasOlder) && (
					<Paging
						newest={before && newest}
						older={hasOlder && last ? `.${filterQuery(filters, { before: last })}` : undefined}
					/>
				)}
			</section>
		</Layout>
	);
}

function SearchForm({ filters }: { filters: Filters }): JSX.Element {
	const { q = '', state, overdue, mmStatus, operator, span, from, to } = filters;
	const isOpen = [mmStatus, operator, span, from, to].some((filter) => filter !== undefined);
	return (
		<search>
			<form class="card search" action="." method="get">
				<div class="field">
					<label for="q">MessageID or number</label>
					<div class="line">
						<input
							id="q"
							name="q"
							type="search"
							value={q}
							autocomplete="off"
							spellcheck={false}
							placeholder="Whole, or the first or last characters"
						/>
						<button type="submit">Search</button>
					</div>
				</div>
				{state?.map((one) => (
					<input type="hidden" name="state" value={one} key={one} />
				))}
				{overdue && <input type="hidden" name="overdue" value={overdue} />}
				<details open={isOpen}>
					<summary>Filters</summary>
					<div class="fields">
						<Field name="mmStatus" label="MMStatus" value={mmStatus?.[0]} placeholder="for example Expired" />
						<Field name="operator" label="Operator" value={operator?.[0]} placeholder="operator id" />
						<div class="field">
							<label for="span">Time</label>
							<select id="span" name="span">
								<option value="">any time</option>
								<option value="day" selected={span === 'day'}>
									last 24 hours
								</option>
								<option value="month" selected={span === 'month'}>
									last 30 days
								</option>
							</select>
						</div>
						<TimeField name="from" label="From" value={from} />
						<TimeField name="to" label="Before" value={to} />
						<Link class="clear" href=".">
							Clear all
						</Link>
					</div>
				</details>
				<ZoneField />
			</form>
		</search>
	);
}

interface FieldProps {
	readonly name: string;
	readonly label: string;
	readonly value: string | undefined;
	readonly placeholder?: string;
}

function Field({ name, label, value = '', placeholder = '' }: FieldProps): JSX.Element {
	return (
		<div class="field">
			<label for={name}>{label}</label>
			<input id={name} name={name} value={value} autocomplete="off" placeholder={placeholder} />
		</div>
	);
}

interface TimeFieldProps extends Pick<FieldProps, 'name' | 'label'> {
	readonly value: Date | undefined;
}

function TimeField({ name, label, value }: TimeFieldProps): JSX.Element {
	const zone = useZone();
	return (
		<div class="field">
			<label for={name}>{label}</label>
			<input id={name} name={name} type="datetime-local" value={value && localText(value, zone)} />
		</div>
	);
}

function StateTabs({ filters }: { filters: Filters }): JSX.Element {
	const tabs: readonly (MessageState | undefined)[] = [undefined, ...STATES];
	return (
		<nav class="tabs" aria-label="State">
			{tabs.map((state) => (
				<Link
					key={state ?? 'all'}
					href={`.${filterQuery(filters, { state: state && [state] })}`}
					aria-current={filters.state?.[0] === state ? 'true' : undefined}
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
	return (
		<>
			<nav class="tabs" aria-label="Overdue">
				{OVERDUE_KINDS.map((overdue) => (
					<Link
						key={overdue}
						href={`.${filterQuery(filters, { overdue, state: undefined })}`}
						aria-current={filters.overdue === overdue ? 'true' : undefined}
					>
						{OVERDUE[overdue].name}
					</Link>
				))}
			</nav>
			{filters.overdue && <p class="quiet">{OVERDUE[filters.overdue].meaning}</p>}
		</>
	);
}

function titleOf({ filters, hits }: MessagesView): JSX.Element {
	if (hits === undefined) return <>Latest messages</>;
	const count = `${hits.more ? 'More than ' : ''}${hits.count.toLocaleString('en')}`;
	return (
		<>
			{`${count} ${hits.count === 1 ? 'message' : 'messages'}`}
			{filters.q !== undefined && (
				<>
					{' '}
					for “<Text>{filters.q}</Text>”
				</>
			)}
		</>
	);
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
					The search matches whole MessageIDs and numbers, or their first or last characters, but not the middle. Try
					the last six digits of the number, without a leading 0 or country code.
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
