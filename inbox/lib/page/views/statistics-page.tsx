/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { type Filters, filterQuery, STATES } from '../../store/read/filters.js';
import type { Counts, Share, Statistics } from '../../store/read/statistics.js';
import type { Bar, RangeChoice, RangeSpan } from '../../store/read/statistics-range.js';
import type { Period } from '../../zone.js';
import { Layout } from './layout.js';
import { State } from './state.js';
import { Text } from './text.js';

const SPANS: Readonly<Record<RangeSpan, string>> = {
	day: 'Last 24 hours',
	week: 'Last 7 days',
	month: 'Last 30 days',
	quarter: 'Last 90 days',
};
const PERCENT = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });
const HOUR = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', timeZone: 'UTC' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** The states of the messages of a day or month. Every bar links to its messages. */
export function StatisticsPage({ choice, statistics }: StatisticsView): JSX.Element {
	const { range, total, states, bars, mmStatuses, operators } = statistics;
	const span = choice.span ?? 'day';
	const times = { from: range.from, to: range.to };
	return (
		<Layout title={`Statistics, ${SPANS[span].toLowerCase()}`} place="Statistics" script="live.js">
			<h1 class="hidden">Statistics</h1>
			<nav class="tabs" aria-label="Time">
				{(Object.keys(SPANS) as RangeSpan[]).map((one) => (
					<a href={`statistics?span=${one}`} aria-current={one === span ? 'true' : undefined} key={one}>
						{SPANS[one]}
					</a>
				))}
			</nav>
			<div id="live" class="stack" data-version={`${bars.length} ${Object.values(states)}`}>
				<section class="card" aria-labelledby="time-title">
					<div class="heading">
						<h2 id="time-title">Messages by {range.period}</h2>
						<p class="quiet">
							{total.toLocaleString('en')} {total === 1 ? 'message' : 'messages'}, each counted when it was submitted
							or, if that is unknown, first reported. Times are in UTC.
						</p>
					</div>
					<TimeChart statistics={statistics} />
					<table class="shares">
						<caption class="hidden">Messages by state</caption>
						<tbody>
							{STATES.map((state) => (
								<ShareRow
									key={state}
									href={hrefOf({ ...times, state: [state] })}
									count={states[state]}
									total={total}
									state={state}
								>
									<State state={state} />
								</ShareRow>
							))}
						</tbody>
					</table>
				</section>
				<div class="columns">
					<Shares
						title="By MMStatus"
						shares={mmStatuses}
						total={total}
						hrefOf={(mmStatus) => hrefOf({ ...times, mmStatus: [mmStatus] })}
					/>
					<Shares
						title="By operator"
						shares={operators}
						total={total}
						hrefOf={(operator) => hrefOf({ ...times, operator: [operator] })}
					/>
				</div>
			</div>
		</Layout>
	);
}

interface StatisticsView {
	readonly choice: RangeChoice;
	readonly statistics: Statistics;
}

function hrefOf(filters: Filters): string {
	return `.${filterQuery(filters)}`;
}

/** The chart's heights. Widths are in percent, so that text is not scaled. */
const HEIGHT_PX = 180;
const LABELS_HEIGHT_PX = 24;

function TimeChart({ statistics: { range, bars } }: { statistics: Statistics }): JSX.Element {
	const top = roundUp(Math.max(...bars.map(({ total }) => total)));
	const width = 100 / bars.length;
	const label = range.period === 'hour' ? HOUR : DAY;
	return (
		<svg class="time-chart" width="100%" height={HEIGHT_PX + LABELS_HEIGHT_PX}>
			<title>Messages over time</title>
			{[top, top / 2].map((value) => (
				<g class="grid" key={value}>
					<line x1="0" x2="100%" y1={yOf(value, top)} y2={yOf(value, top)} />
					<text x="0" y={yOf(value, top) + 14}>
						{value.toLocaleString('en')}
					</text>
				</g>
			))}
			<line class="ground" x1="0" x2="100%" y1={HEIGHT_PX} y2={HEIGHT_PX} />
			{bars.map((bar, index) => (
				<g key={bar.from.getTime()}>
					<Column
						bar={bar}
						x={index * width + width * 0.12}
						width={width * 0.76}
						top={top}
						name={nameOf(bar, range.period)}
					/>
					{(bars.length - 1 - index) % 6 === 0 && (
						<text class="tick" x={`${(index + 0.9) * width}%`} y={HEIGHT_PX + 17}>
							{label.format(bar.from)}
						</text>
					)}
				</g>
			))}
		</svg>
	);
}

interface ColumnProps {
	readonly bar: Bar & Counts;
	readonly x: number;
	readonly width: number;
	readonly top: number;
	readonly name: string;
}

/** The states of one hour or day, stacked. */
function Column({ bar, x, width, top, name }: ColumnProps): JSX.Element {
	let below = 0;
	return (
		<>
			{STATES.filter((state) => bar.states[state] > 0).map((state) => {
				const count = bar.states[state];
				below += count;
				const height = Math.max((count / top) * HEIGHT_PX, 2);
				return (
					<a
						key={state}
						href={hrefOf({ state: [state], from: bar.from, to: bar.to })}
						aria-label={`${name}: ${count.toLocaleString('en')} ${state}`}
						data-state={state}
					>
						<title>{`${name}: ${count.toLocaleString('en')} ${state}`}</title>
						<rect x={`${x}%`} width={`${width}%`} y={yOf(below, top)} height={height} />
					</a>
				);
			})}
		</>
	);
}

function nameOf({ from, to }: Bar, period: Period): string {
	if (period !== 'hour') return DAY.format(from);
	return `${DAY.format(from)}, ${HOUR.format(from)} to ${HOUR.format(to)} UTC`;
}

function yOf(value: number, top: number): number {
	return HEIGHT_PX - (value / top) * HEIGHT_PX;
}

/** Rounds up to 2, 4, 6, 8 or 10 times a power of ten. */
function roundUp(value: number): number {
	const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(value, 1))));
	return Math.max(2, Math.ceil(value / unit / 2) * 2 * unit);
}

interface SharesProps {
	readonly title: string;
	readonly shares: readonly Share[];
	readonly total: number;
	hrefOf(value: string): string;
}

function Shares({ title, shares, total, hrefOf }: SharesProps): JSX.Element {
	const rest = total - shares.reduce((sum, share) => sum + share.total, 0);
	return (
		<section class="card">
			<h2>{title}</h2>
			{total === 0 && <p class="quiet">No messages in this period.</p>}
			<table class="shares">
				<caption class="hidden">{title}</caption>
				<tbody>
					{shares.map(({ value, total: count }) => (
						<ShareRow key={value} href={value === null ? undefined : hrefOf(value)} count={count} total={total}>
							{value === null ? (
								<span class="quiet">not reported</span>
							) : (
								<Text>{value === '' ? '(empty)' : value}</Text>
							)}
						</ShareRow>
					))}
					{rest > 0 && (
						<ShareRow count={rest} total={total}>
							<span class="quiet">others</span>
						</ShareRow>
					)}
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
	readonly children: JSX.Element;
}

function ShareRow({ href, count, total, state = 'none', children }: ShareRowProps): JSX.Element {
	const share = total === 0 ? 0 : count / total;
	return (
		<tr data-state={state}>
			<th scope="row">{href === undefined || count === 0 ? children : <a href={href}>{children}</a>}</th>
			<td class="track">
				<svg width="100%" height="14" aria-hidden="true">
					<rect width="100%" height="14" rx="3" class="whole" />
					<rect width={`${share * 100}%`} height="14" rx="3" class="share" />
				</svg>
			</td>
			<td class="count">{count.toLocaleString('en')}</td>
			<td class="percent">{PERCENT.format(share)}</td>
		</tr>
	);
}
