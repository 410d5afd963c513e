/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from 'preact';
import { STATES } from '../../store/read/filters.js';
import type { Counts, DeliveryTimes, FailureReason, Share, Statistics } from '../../store/read/statistics.js';
import {
	type Bar,
	PERIODS,
	type RangeChoice,
	type RangeSpan,
	type StatisticsRange,
} from '../../store/read/statistics-range.js';
import {
	dateText,
	dayText,
	hasWholeHours,
	hourText,
	localText,
	monthText,
	offsetTimeText,
	type Zone,
} from '../../zone.js';
import { Chart, type ChartBar, roundUp } from './chart.js';
import { Layout } from './layout.js';
import { Operator } from './operator.js';
import { Link, ZoneField } from './page-info.js';
import { Fact } from './report-facts.js';
import { State } from './state.js';
import { Text } from './text.js';

const SPANS: Readonly<Record<RangeSpan, string>> = {
	day: 'Last 24 hours',
	week: 'Last 7 days',
	month: 'Last 30 days',
	quarter: 'Last 90 days',
};
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const CHANGE = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1, signDisplay: 'exceptZero' });
const POINTS = new Intl.NumberFormat('en', { maximumFractionDigits: 1, signDisplay: 'exceptZero' });

/** Numbers of messages in a time range, by time and by other facts, compared with the range before. */
export function StatisticsPage({ choice, statistics }: StatisticsView): JSX.Element {
	const { range, total, states, bars, before, deliveryTimes } = statistics;
	const { period, zone } = range;
	const times = timesOf(range, zone);
	const isGiven = choice.from !== undefined || choice.to !== undefined;
	const title = isGiven
		? `${dateText(range.from, zone)} to ${dateText(range.to, zone)}`
		: SPANS[choice.span ?? 'day'].toLowerCase();
	return (
		<Layout title={`Statistics, ${title}`} place="Statistics" script="live.js" scripts={['charts.js']}>
			<h1 class="hidden">Statistics</h1>
			<RangeForm choice={choice} range={range} />
			<div id="live" class="stack" data-version={`${range.to.getTime()} ${Object.values(states)}`}>
				<section class="card" aria-labelledby="time-title">
					<div class="heading">
						<h2 id="time-title">Messages by {period}</h2>
						<p class="quiet">
							{countText(total)}, each counted when it was submitted or, if that is unknown, first reported.
							{!hasWholeHours(range.from, zone) &&
								' Counts are kept by hour of UTC, so hours start at :30 or :45 here.'}
						</p>
					</div>
					<Chart
						id="messages-chart"
						title={`Messages by ${period}`}
						bars={bars.map((bar) => messagesBar(bar, range))}
						top={roundUp(Math.max(...bars.map((bar) => bar.total)))}
						format={(value) => value.toLocaleString('en')}
					/>
					<table class="shares">
						<caption class="hidden">Messages by state</caption>
						<tbody>
							{STATES.filter((state) => state !== 'submitted' || states.submitted > 0).map((state) => (
								<ShareRow
									key={state}
									href={hrefOf({ ...times, state })}
									count={states[state]}
									total={total}
									state={state}
								>
									<State state={state} />
								</ShareRow>
							))}
						</tbody>
					</table>
					<BarsTable bars={bars} range={range} />
				</section>
				<section class="card" aria-labelledby="rate-title">
					<h2 id="rate-title">Delivery</h2>
					<dl class="facts">
						<Fact name="Messages">
							{total.toLocaleString('en')}
							<Before>{changeText(total, before.total)}</Before>
						</Fact>
						<Fact name="Delivery rate">
							{percentText(statistics.deliveryRate)}
							<Before>{rateChangeText(statistics, before)}</Before>
						</Fact>
						<TimeFacts times={deliveryTimes} before={before.deliveryTimes} />
					</dl>
					<Chart
						id="rate-chart"
						title={`Delivery rate by ${period}`}
						bars={bars.map((bar) => rateBar(bar, range))}
						top={1}
						format={(value) => PERCENT.format(value)}
					/>
					<p class="quiet">
						The delivery rate is the share of delivered messages among those that are not pending. The time to delivery
						is measured for delivered messages whose time of submission is certain
						{deliveryTimes
							? `: ${deliveryTimes.count.toLocaleString('en')} of ${states.delivered.toLocaleString('en')}`
							: ''}
						. Changes are against the same length of time before.
					</p>
				</section>
				<div class="columns">
					<Shares
						title="By operator"
						shares={statistics.operators}
						total={total}
						hrefOf={(operator) => hrefOf({ ...times, operator })}
					>
						{(value) => <Operator id={value} />}
					</Shares>
					<Shares
						title="By sender"
						shares={statistics.senders}
						total={total}
						hrefOf={(sender) => (sender.startsWith('…') ? undefined : hrefOf({ ...times, sender }))}
					/>
					<Shares
						title="By MMStatus"
						shares={statistics.mmStatuses}
						total={total}
						hrefOf={(mmStatus) => hrefOf({ ...times, mmStatus })}
					/>
					<Failures failures={statistics.failures} total={states.failed} times={times} />
					{statistics.providers.length > 1 && (
						<Shares
							title="By provider"
							shares={statistics.providers}
							total={total}
							hrefOf={(provider) => hrefOf({ ...times, provider })}
						/>
					)}
				</div>
			</div>
		</Layout>
	);
}

interface StatisticsView {
	readonly choice: RangeChoice;
	readonly statistics: Statistics;
}

/** Tabs for the usual ranges, and a form for any other. */
function RangeForm({ choice, range }: { choice: RangeChoice; range: StatisticsRange }): JSX.Element {
	const isGiven = choice.from !== undefined || choice.to !== undefined;
	return (
		<div class="heading">
			<nav class="tabs" aria-label="Time">
				{(Object.keys(SPANS) as RangeSpan[]).map((span) => (
					<Link
						href={`statistics?span=${span}`}
						aria-current={!isGiven && span === (choice.span ?? 'day') ? 'true' : undefined}
						key={span}
					>
						{SPANS[span]}
					</Link>
				))}
			</nav>
			<form class="range" action="statistics" method="get">
				<ZoneField />
				<label>
					From <input type="datetime-local" name="from" value={localText(range.from, range.zone)} />
				</label>
				<label>
					To <input type="datetime-local" name="to" value={localText(range.to, range.zone)} />
				</label>
				<label>
					By{' '}
					<select name="by">
						{PERIODS.map((period) => (
							<option value={period} selected={period === range.period} key={period}>
								{period}
							</option>
						))}
					</select>
				</label>
				<button type="submit">Show</button>
			</form>
		</div>
	);
}

/** The times of the list that a number links to. */
function timesOf({ from, to }: { from: Date; to: Date }, zone: Zone): Record<string, string> {
	return { from: offsetTimeText(from, zone), to: offsetTimeText(to, zone) };
}

/** The list of the messages that are counted, which has the same order. */
function hrefOf(filters: Readonly<Record<string, string>>): string {
	return `.?${new URLSearchParams({ ...filters, by: 'start' })}`;
}

function messagesBar(bar: Bar & Counts, range: StatisticsRange): ChartBar {
	const parts = STATES.map((state) => ({ state, value: bar.states[state] }));
	return { ...barOf(bar, range), text: barText(bar), parts };
}

function rateBar(bar: Bar & Counts, range: StatisticsRange): ChartBar {
	const text = bar.deliveryRate === null ? 'no messages' : `${percentText(bar.deliveryRate)} delivered`;
	return { ...barOf(bar, range), text, parts: [{ state: 'delivered', value: bar.deliveryRate ?? 0 }] };
}

/** A bar links to the statistics of its time or, if it is an hour, to its messages. */
function barOf(bar: Bar & Counts, range: StatisticsRange): Omit<ChartBar, 'text' | 'parts'> {
	const { period, zone } = range;
	const times = timesOf(bar, zone);
	const tickText = { hour: hourText, day: dayText, week: dayText, month: monthText }[period];
	return {
		tick: tickText(bar.from, zone),
		name: nameOf(bar, range),
		href: period === 'hour' ? hrefOf(times) : `statistics?${new URLSearchParams(times)}`,
		isUnfinished: bar.isUnfinished,
	};
}

const HALF_DAY_MS = 12 * 3_600_000;
const DAY_MS = 2 * HALF_DAY_MS;
const YEAR_MS = 365 * DAY_MS;

/** The name of a bar, with the year if the range has days of the same name. */
function nameOf({ from, to }: Bar, range: StatisticsRange): string {
	const { zone } = range;
	const text = range.to.getTime() - range.from.getTime() > YEAR_MS ? dateText : dayText;
	const [start, startHour, endHour] = [text(from, zone), hourText(from, zone), hourText(to, zone)];
	if (startHour !== endHour) {
		const endDay = to.getTime() - from.getTime() > DAY_MS ? `${text(to, zone)}, ` : '';
		return `${start}, ${startHour} to ${endDay}${endHour}`;
	}
	// days can end after midnight
	const last = text(new Date(to.getTime() - HALF_DAY_MS), zone);
	return last === start ? start : `${start} to ${last}`;
}

function barText({ total, states, deliveryRate, isUnfinished }: Bar & Counts): string {
	const parts = STATES.filter((state) => states[state] > 0).map(
		(state) => `${states[state].toLocaleString('en')} ${state}`,
	);
	const rate = deliveryRate === null ? [] : [`delivery rate ${percentText(deliveryRate)}`];
	const detail = [...parts, ...rate].join(', ');
	return `${countText(total)}${detail && ` (${detail})`}${isUnfinished ? ' so far' : ''}`;
}

/** All values of both charts. */
function BarsTable({ bars, range }: { bars: Statistics['bars']; range: StatisticsRange }): JSX.Element {
	return (
		<details>
			<summary>Show as table</summary>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a wide table must be scrollable by keyboard */}
			<section class="scrollable" aria-label="Table" tabIndex={0}>
				<table class="bars">
					<caption class="hidden">Messages and delivery rate by {range.period}</caption>
					<thead>
						<tr>
							{['Time', 'Messages', ...STATES, 'Delivery rate'].map((name) => (
								<th scope="col" key={name}>
									{name}
								</th>
							))}
						</tr>
					</thead>
					<tbody>
						{bars.map((bar) => (
							<tr key={bar.from.getTime()}>
								<th scope="row">
									<Link href={barOf(bar, range).href ?? '.'}>{nameOf(bar, range)}</Link>
									{bar.isUnfinished && ' (so far)'}
								</th>
								<td>{bar.total.toLocaleString('en')}</td>
								{STATES.map((state) => (
									<td key={state}>{bar.states[state].toLocaleString('en')}</td>
								))}
								<td>{percentText(bar.deliveryRate)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</section>
		</details>
	);
}

/** The same fact of the time before. */
function Before({ children }: { children: ComponentChildren }): JSX.Element {
	return <small>{children}</small>;
}

function TimeFacts({
	times,
	before,
}: {
	times: DeliveryTimes | null;
	before: DeliveryTimes | null;
}): JSX.Element | null {
	if (times === null) return null;
	const percentiles = { 'Half within': 'p50', '90% within': 'p90', '99% within': 'p99' } as const;
	const limits = {
		'1 minute': 'within1Minute',
		'5 minutes': 'within5Minutes',
		'10 minutes': 'within10Minutes',
	} as const;
	return (
		<>
			{Object.entries(percentiles).map(([name, key]) => (
				<Fact name={name} key={key}>
					{durationText(times[key])}
					{before && <Before>before: {durationText(before[key])}</Before>}
				</Fact>
			))}
			{Object.entries(limits).map(([name, key]) => (
				<Fact name={`Within ${name}`} key={key}>
					{PERCENT.format(times[key])}
					{before && <Before>before: {PERCENT.format(before[key])}</Before>}
				</Fact>
			))}
		</>
	);
}

interface SharesProps {
	readonly title: string;
	readonly shares: readonly Share[];
	readonly total: number;
	hrefOf?(value: string): string | undefined;
	/** Default: the value as text. */
	readonly children?: (value: string) => JSX.Element;
}

function Shares({ title, shares, total, hrefOf, children }: SharesProps): JSX.Element {
	const rest = total - shares.reduce((sum, share) => sum + share.total, 0);
	return (
		<section class="card">
			<h2>{title}</h2>
			{total === 0 && <p class="quiet">No messages in this period.</p>}
			<table class="shares">
				<caption class="hidden">{title}</caption>
				<tbody>
					{shares.map(({ value, total: count, deliveryRate }) => (
						<ShareRow
							key={value}
							href={value === null ? undefined : hrefOf?.(value)}
							count={count}
							total={total}
							rate={deliveryRate}
						>
							{value === null ? <span class="quiet">not reported</span> : (children?.(value) ?? <Text>{value}</Text>)}
						</ShareRow>
					))}
					{rest > 0 && (
						<ShareRow count={rest} total={total} rate={null}>
							<span class="quiet">others</span>
						</ShareRow>
					)}
				</tbody>
			</table>
		</section>
	);
}

interface FailuresProps {
	readonly failures: readonly FailureReason[];
	readonly total: number;
	readonly times: Readonly<Record<string, string>>;
}

function Failures({ failures, total, times }: FailuresProps): JSX.Element {
	return (
		<section class="card">
			<h2>Reasons of failures</h2>
			{total === 0 && <p class="quiet">No failed messages in this period.</p>}
			<table class="shares">
				<caption class="hidden">Reasons of failures, by MMStatus and StatusText</caption>
				<tbody>
					{failures.map(({ mmStatus, statusText, count }) => (
						<ShareRow
							key={`${mmStatus} ${statusText}`}
							href={hrefOf({ ...times, state: 'failed', mmStatus })}
							count={count}
							total={total}
							state="failed"
						>
							{statusText === '' ? <span class="quiet">no StatusText</span> : <Text>{statusText}</Text>}
							<small>
								<Text>{mmStatus}</Text>
							</small>
						</ShareRow>
					))}
				</tbody>
			</table>
		</section>
	);
}

interface ShareRowProps {
	readonly href?: string | undefined;
	readonly count: number;
	readonly total: number;
	readonly state?: string;
	/** Its delivery rate; undefined: the row does not have one. */
	readonly rate?: number | null;
	readonly children: ComponentChildren;
}

function ShareRow({ href, count, total, state = 'none', rate, children }: ShareRowProps): JSX.Element {
	const share = total === 0 ? 0 : count / total;
	return (
		<tr data-state={state}>
			<th scope="row">{href === undefined || count === 0 ? children : <Link href={href}>{children}</Link>}</th>
			<td class="track">
				<svg width="100%" height="14" aria-hidden="true">
					<rect width="100%" height="14" rx="3" class="whole" />
					<rect width={`${share * 100}%`} height="14" rx="3" class="share" />
				</svg>
			</td>
			<td class="count">{count.toLocaleString('en')}</td>
			<td class="percent">
				{PERCENT.format(share)}
				{rate !== undefined && rate !== null && <small>{PERCENT.format(rate)} delivered</small>}
			</td>
		</tr>
	);
}

function countText(count: number): string {
	return `${count.toLocaleString('en')} ${count === 1 ? 'message' : 'messages'}`;
}

function percentText(share: number | null): string {
	return share === null ? '–' : PERCENT.format(share);
}

function changeText(now: number, before: number): string {
	const change = before === 0 ? '' : ` (${CHANGE.format(now / before - 1)})`;
	return `before: ${before.toLocaleString('en')}${change}`;
}

function rateChangeText(now: Counts, before: Counts): string {
	if (now.deliveryRate === null || before.deliveryRate === null) return `before: ${percentText(before.deliveryRate)}`;
	const points = POINTS.format((now.deliveryRate - before.deliveryRate) * 100);
	return `before: ${percentText(before.deliveryRate)} (${points} points)`;
}

/** `25 s`, `2.5 min`, `4 h`, `2 d`: the bounds of the counters are round in one of them. */
function durationText(seconds: number): string {
	const [unit, length] =
		seconds < 120 ? ['s', 1] : seconds < 7_200 ? ['min', 60] : seconds < 172_800 ? ['h', 3_600] : ['d', 86_400];
	return `${Number((seconds / Number(length)).toFixed(1))} ${unit}`;
}
