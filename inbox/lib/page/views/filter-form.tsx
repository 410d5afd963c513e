/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from 'preact';
import type { Choice, Choices } from '../../store/read/choices.js';
import { type Filters, filterQuery } from '../../store/read/filters.js';
import { fullTimeText, localText, midnight, type Zone } from '../../zone.js';
import { Operator } from './operator.js';
import { Link, useZone, ZoneField } from './page-info.js';
import { plainText, Text } from './text.js';

/** The filters that offer the values that messages have. */
const MENUS = { mmStatus: 'MMStatus', sender: 'Sender', operator: 'Operator', provider: 'Provider' } as const;
/** The filters that only links set. */
const OTHERS = {
	recipient: 'Recipient',
	messageId: 'MessageID',
	transactionId: 'TransactionID',
	reference: 'Reference',
} as const;
const LISTS = { ...MENUS, ...OTHERS };

const SPANS = { day: 'Last 24 hours', month: 'Last 30 days' } as const;
const DAY_MS = 24 * 3_600_000;

/** The search field, the filters, and a chip for each filter that is set. */
export function FilterForm({ filters, choices }: { filters: Filters; choices: Choices }): JSX.Element {
	return (
		<search class="filters">
			<form id="filters" action="." method="get">
				<div class="line">
					<input
						id="q"
						name="q"
						type="search"
						aria-label="Search"
						value={filters.q}
						autocomplete="off"
						spellcheck={false}
						placeholder="Id or number, either end of one, or a list"
					/>
					<button type="submit">Search</button>
				</div>
				{filters.state?.map((state) => (
					<input type="hidden" name="state" value={state} key={state} />
				))}
				{filters.overdue && <input type="hidden" name="overdue" value={filters.overdue} />}
				{filters.by && <input type="hidden" name="by" value={filters.by} />}
				{namesOf(OTHERS).flatMap((name) =>
					(filters[name] ?? []).map((value) => <input type="hidden" name={name} value={value} key={value} />),
				)}
				<div class="menus">
					{namesOf(MENUS).map((name) => (
						<ChoiceMenu name={name} choices={choices[name]} chosen={filters[name] ?? []} key={name} />
					))}
					<TimeMenu filters={filters} />
				</div>
				<ZoneField />
			</form>
			<Chips filters={filters} />
		</search>
	);
}

interface MenuProps {
	readonly name: string;
	readonly label: string;
	/** The number of values that are set. */
	readonly count: number;
	readonly children: ComponentChildren;
}

function Menu({ name, label, count, children }: MenuProps): JSX.Element {
	return (
		<details class="menu" id={`menu-${name}`}>
			<summary>
				{label}
				{count > 0 && <span class="counter">{count}</span>}
			</summary>
			<fieldset>
				<legend class="hidden">{label}</legend>
				{children}
				<noscript>
					<button type="submit">Apply</button>
				</noscript>
			</fieldset>
		</details>
	);
}

interface ChoiceMenuProps {
	readonly name: keyof typeof MENUS;
	readonly choices: readonly Choice[];
	readonly chosen: readonly string[];
}

/** The values that messages have, and those that are chosen. Nothing, if there is only one to choose. */
function ChoiceMenu({ name, choices, chosen }: ChoiceMenuProps): JSX.Element | null {
	const missing = chosen.filter((value) => !choices.some((choice) => choice.value === value));
	const all: readonly Partial<Choice>[] = [...missing.map((value) => ({ value })), ...choices];
	if (name === 'provider' && all.length < 2) return null;
	return (
		<Menu name={name} label={MENUS[name]} count={chosen.length}>
			{all.length === 0 && <p class="quiet">None reported yet.</p>}
			{all.map(({ value = '', count }, index) => (
				<label class="choice" key={value}>
					<input
						type="checkbox"
						id={`${name}-${index}`}
						name={name}
						value={value}
						checked={chosen.includes(value)}
						autocomplete="off"
					/>
					<span>{name === 'operator' ? <Operator id={value} /> : <Text>{value}</Text>}</span>
					{count !== undefined && <span class="count">{count.toLocaleString('en')}</span>}
				</label>
			))}
		</Menu>
	);
}

function TimeMenu({ filters }: { filters: Filters }): JSX.Element {
	const zone = useZone();
	const { span, from, to } = filters;
	const count = [span, from, to].filter(Boolean).length;
	return (
		<Menu name="time" label="Time" count={count}>
			{([undefined, 'day', 'month'] as const).map((one) => (
				<label class="choice" key={one ?? ''}>
					<input
						type="radio"
						id={`span-${one ?? 'any'}`}
						name="span"
						value={one ?? ''}
						checked={span === one && !from && !to}
						autocomplete="off"
					/>
					<span>{one ? SPANS[one] : 'Any time'}</span>
				</label>
			))}
			{daysOf(zone).map(({ name, from, to }) => (
				<Link class="choice" href={`.${filterQuery(filters, { span: undefined, from, to }, zone)}`} key={name}>
					{name}
				</Link>
			))}
			<TimeField name="from" label="From" value={from} />
			<TimeField name="to" label="Before" value={to} />
		</Menu>
	);
}

function daysOf(zone: Zone): { name: string; from: Date; to: Date | undefined }[] {
	const today = midnight(new Date(), zone);
	const yesterday = midnight(new Date(today.getTime() - DAY_MS / 2), zone);
	return [
		{ name: 'Today', from: today, to: undefined },
		{ name: 'Yesterday', from: yesterday, to: today },
	];
}

interface TimeFieldProps {
	readonly name: 'from' | 'to';
	readonly label: string;
	readonly value: Date | undefined;
}

function TimeField({ name, label, value }: TimeFieldProps): JSX.Element {
	const zone = useZone();
	return (
		<div class="field">
			<label for={name}>{label}</label>
			<input id={name} name={name} type="datetime-local" value={value && localText(value, zone)} autocomplete="off" />
		</div>
	);
}

/** The filters that are set; each is removed by its link. */
function Chips({ filters }: { filters: Filters }): JSX.Element | null {
	const zone = useZone();
	const { span, from, to } = filters;
	const without = (changes: Partial<Filters>) => `.${filterQuery(filters, changes, zone)}`;
	const lists = namesOf(LISTS).flatMap((name) =>
		(filters[name] ?? []).map((value) => ({
			label: LISTS[name],
			value: plainText(value),
			href: without({ [name]: filters[name]?.filter((other) => other !== value) }),
		})),
	);
	const times = [
		...(span && !from && !to ? [{ label: 'Time', value: SPANS[span], href: without({ span: undefined }) }] : []),
		...(from ? [{ label: 'From', value: fullTimeText(from, zone), href: without({ from: undefined }) }] : []),
		...(to ? [{ label: 'Before', value: fullTimeText(to, zone), href: without({ to: undefined }) }] : []),
	];
	const order = filters.by
		? [{ label: 'Time of', value: 'submission or first report', href: without({ by: undefined }) }]
		: [];
	const chips = [...lists, ...times, ...order];
	if (chips.length === 0) return null;
	return (
		<ul class="chips" aria-label="Filters">
			{chips.map(({ label, value, href }) => (
				<li key={href}>
					<Link class="chip" href={href} title={`Remove ${label}: ${value}`}>
						{label}: <bdi>{value}</bdi>
						<span aria-hidden="true"> ×</span>
					</Link>
				</li>
			))}
			<li>
				<Link href="." title="Remove the search and all filters">
					Clear all
				</Link>
			</li>
		</ul>
	);
}

function namesOf<Name extends string>(object: Readonly<Record<Name, unknown>>): Name[] {
	return Object.keys(object) as Name[];
}
