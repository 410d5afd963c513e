/** @jsxRuntime automatic @jsxImportSource preact */
import type { DeliveryState } from 'mm7-delivery-reports';
import type { JSX } from 'preact';
import { type Cursor, type Filters, filterQuery, isNarrowed, STATES } from '../../store/read/filters.js';
import type { Count, ListedMessage } from '../../store/read/find-messages.js';
import { Layout } from './layout.js';
import { State } from './state.js';
import { plainText, Text } from './text.js';
import { Time } from './time.js';

/** What the list of messages shows. */
export interface MessagesView {
	readonly filters: Filters;
	/** Where this page of the list begins; undefined: with the newest. */
	readonly before: Cursor | undefined;
	readonly messages: readonly ListedMessage[];
	readonly hasOlder: boolean;
	/** How many messages the filters leave; undefined where nothing is filtered. */
	readonly hits: Count | undefined;
	/** What came since then, in milliseconds, may be missing in the list. */
	readonly since: number;
}

/** The list of messages, with the search before everything else. */
export function MessagesPage(view: MessagesView): JSX.Element {
	const { filters, before, messages } = view;
	return (
		<Layout title={filters.text === '' ? 'Messages' : `“${plainText(filters.text)}”`} place="Messages" script="list.js">
			<h1 class="hidden">Messages</h1>
			<SearchForm filters={filters} />
			<section
				class="card"
				id="list"
				aria-labelledby="list-title"
				data-since={view.since}
				data-query={filterQuery(filters)}
				data-follows={String(!isNarrowed(filters) && before === undefined)}
			>
				<div class="heading">
					<h2 id="list-title">{titleOf(view)}</h2>
					{messages.length > 0 && (
						<a class="quiet" href={`messages.csv${filterQuery(filters)}`} download>
							CSV
						</a>
					)}
				</div>
				<StateTabs filters={filters} />
				{messages.length === 0 ? (
					<NothingFound filters={filters} />
				) : (
					<table class="messages">
						<thead>
							<tr>
								<th scope="col">State</th>
								<th scope="col">Since</th>
								<th scope="col">Recipient</th>
								<th scope="col">MessageID</th>
								<th scope="col">Sender</th>
								<th scope="col">Operator</th>
								<th scope="col">Status text</th>
							</tr>
						</thead>
						<tbody>
							{messages.map((message) => (
								<MessageRow message={message} key={message.key} />
							))}
						</tbody>
					</table>
				)}
				<Paging {...view} />
			</section>
			<div class="news" role="status">
				<a id="news" class="button" href={`.${filterQuery(filters)}`} hidden>
					New reports
				</a>
			</div>
		</Layout>
	);
}

/** A row, as it is also sent to a list that is open. */
export function MessageRow({ message }: { message: ListedMessage }): JSX.Element {
	const { key, reportId, at, state, mmStatus, recipient, messageId, sender, operator, statusText } = message;
	return (
		<tr data-key={key} data-report={reportId} data-at={at.getTime()} data-state={state}>
			<td data-label="State">
				<State state={state} />
				<small>
					<Text>{mmStatus}</Text>
				</small>
			</td>
			<td data-label="Since">
				<Time>{at}</Time>
			</td>
			<td data-label="Recipient" class="id">
				<span class="clamp">
					<Text>{recipient}</Text>
				</span>
			</td>
			<td data-label="MessageID" class="id">
				<a class="clamp" href={`message?key=${key}`}>
					{messageId === '' ? '(none)' : <Text>{messageId}</Text>}
				</a>
			</td>
			<Cell label="Sender" text={sender} />
			<Cell label="Operator" text={operator} />
			<Cell label="Status text" text={statusText} />
		</tr>
	);
}

function Cell({ label, text }: { label: string; text: string | null }): JSX.Element {
	return (
		<td data-label={label} class={text ? undefined : 'none'}>
			{text && (
				<span class="clamp">
					<Text>{text}</Text>
				</span>
			)}
		</td>
	);
}

function SearchForm({ filters }: { filters: Filters }): JSX.Element {
	const { text, state, mmStatus, operator, span, from, to } = filters;
	const isOpen = [mmStatus, operator, span, from, to].some((filter) => filter !== undefined);
	return (
		<search>
			<form class="card search" action="." method="get">
				<div class="field wide">
					<label for="q">MessageID or number</label>
					<div class="line">
						<input
							id="q"
							name="q"
							type="search"
							maxLength={300}
							value={text}
							autocomplete="off"
							spellcheck={false}
							placeholder="Whole, or its first or last characters"
						/>
						<button type="submit">Search</button>
					</div>
				</div>
				{state && <input type="hidden" name="state" value={state} />}
				<details open={isOpen}>
					<summary>Filters</summary>
					<div class="fields">
						<Field name="status" label="MMStatus">
							<input
								id="status"
								name="status"
								value={mmStatus ?? ''}
								placeholder="such as Expired"
								autocomplete="off"
							/>
						</Field>
						<Field name="operator" label="Operator">
							<input id="operator" name="operator" value={operator ?? ''} placeholder="its id" autocomplete="off" />
						</Field>
						<Field name="span" label="Time">
							<select id="span" name="span">
								<option value="">any time</option>
								<option value="day" selected={span === 'day'}>
									last 24 hours
								</option>
								<option value="month" selected={span === 'month'}>
									last 30 days
								</option>
							</select>
						</Field>
						<Field name="from" label="From (UTC)">
							<input id="from" name="from" type="datetime-local" value={from ?? ''} />
						</Field>
						<Field name="to" label="Before (UTC)">
							<input id="to" name="to" type="datetime-local" value={to ?? ''} />
						</Field>
						<a class="clear" href=".">
							Clear all
						</a>
					</div>
				</details>
			</form>
		</search>
	);
}

interface FieldProps {
	readonly name: string;
	readonly label: string;
	readonly children: JSX.Element;
}

function Field({ name, label, children }: FieldProps): JSX.Element {
	return (
		<div class="field">
			<label for={name}>{label}</label>
			{children}
		</div>
	);
}

function StateTabs({ filters }: { filters: Filters }): JSX.Element {
	const tabs: readonly (DeliveryState | undefined)[] = [undefined, ...STATES];
	return (
		<nav class="tabs" aria-label="State">
			{tabs.map((state) => (
				<a
					key={state ?? 'all'}
					href={`.${filterQuery(filters, { state })}`}
					aria-current={filters.state === state ? 'true' : undefined}
				>
					{state ? <State state={state} /> : 'all'}
				</a>
			))}
		</nav>
	);
}

function titleOf({ filters, hits }: MessagesView): JSX.Element {
	if (hits === undefined) return <>Latest messages</>;
	return (
		<>
			{countText(hits)}
			{filters.text !== '' && (
				<>
					{' '}
					for “<Text>{filters.text}</Text>”
				</>
			)}
		</>
	);
}

function countText({ count, more }: Count): string {
	if (more) return `More than ${count.toLocaleString('en')} messages`;
	return `${count.toLocaleString('en')} ${count === 1 ? 'message' : 'messages'}`;
}

function NothingFound({ filters }: { filters: Filters }): JSX.Element {
	const others = filterQuery({ text: filters.text }) !== filterQuery(filters);
	return (
		<div class="empty">
			<p>
				<strong>Nothing was found.</strong>
			</p>
			{filters.text !== '' && (
				<p>
					A MessageID or number is found by the whole, by its first or by its last characters, not by what is in the
					middle. Try the last six digits of the number, without a leading 0 or country code.
				</p>
			)}
			{others && (
				<p>
					<a href={`.${filterQuery({ text: filters.text })}`}>
						{filters.text === '' ? 'Show all messages' : 'Search without the other filters'}
					</a>
				</p>
			)}
		</div>
	);
}

function Paging({ filters, before, hasOlder, messages }: MessagesView): JSX.Element | null {
	const last = messages.at(-1);
	if (!before && !hasOlder) return null;
	return (
		<nav class="paging" aria-label="Pages of the list">
			{before && (
				<a class="button" href={`.${filterQuery(filters)}`}>
					Newest
				</a>
			)}
			{hasOlder && last && (
				<a class="button" rel="next" href={`.${filterQuery(filters, { before: last })}`}>
					Older
				</a>
			)}
		</nav>
	);
}
