/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { Link } from './page-info.js';

/** A bar of a chart. Its parts are stacked, the first one at the bottom. */
export interface ChartBar {
	/** A short text below the bar; not every bar shows it. */
	readonly tick: string;
	/** What the bar stands for, such as `7 Jul, 14:00 to 15:00`. */
	readonly name: string;
	/** The value in words. */
	readonly text: string;
	readonly href?: string | undefined;
	/** Shown paler, because its value will change. */
	readonly isUnfinished: boolean;
	readonly parts: readonly ChartPart[];
}

interface ChartPart {
	readonly state: string;
	readonly value: number;
}

interface ChartProps {
	readonly id: string;
	readonly title: string;
	readonly bars: readonly ChartBar[];
	/** The value of the upper edge. */
	readonly top: number;
	format(value: number): string;
}

const HEIGHT_PX = 160;
const TICKS_HEIGHT_PX = 20;
/** The part of a bar's width that it fills. */
const FILLED = 0.76;
const MIN_PART_PX = 2;
/** Few enough that they do not overlap on a phone. */
const MAX_TICKS = 5;

/**
 * A bar chart. public/charts.js shows the value of the bar that is pointed at or chosen by the arrow keys; the table that
 * follows each chart has them all.
 */
export function Chart({ id, title, bars, top, format }: ChartProps): JSX.Element {
	const width = 100 / bars.length;
	const distance = Math.ceil(bars.length / MAX_TICKS);
	return (
		<figure class="chart" id={id} data-label={title}>
			<div class="plot-row">
				<div class="scale" aria-hidden="true">
					{[top, top / 2, 0].map((value) => (
						<span key={value}>{format(value)}</span>
					))}
				</div>
				<svg class="plot" width="100%" height={HEIGHT_PX} aria-hidden="true">
					{[0, HEIGHT_PX / 2, HEIGHT_PX].map((y) => (
						<line x1="0" x2="100%" y1={y} y2={y} key={y} />
					))}
					{bars.map((bar, index) => (
						<Bar bar={bar} x={index * width} width={width} top={top} key={bar.name} />
					))}
				</svg>
				<svg class="ticks" width="100%" height={TICKS_HEIGHT_PX} aria-hidden="true">
					{bars.map(({ tick, name }, index) => {
						// half of a label is wider than a narrow bar at an edge
						const center = (index + 0.5) * width;
						const [side, at] = center < 5 ? ['left', 0] : center > 95 ? ['right', 100] : ['middle', center];
						return (
							index % distance === 0 && (
								<text class={side as string} x={`${at}%`} y={TICKS_HEIGHT_PX - 4} key={name}>
									{tick}
								</text>
							)
						);
					})}
				</svg>
			</div>
			<p class="readout quiet">{bars.at(-1)?.isUnfinished ? 'The last bar is not complete yet.' : '\u00a0'}</p>
		</figure>
	);
}

function Bar({ bar, x, width, top }: { bar: ChartBar; x: number; width: number; top: number }): JSX.Element {
	let below = 0;
	const content = (
		<>
			<rect class="hit" x={`${x}%`} width={`${width}%`} y="0" height={HEIGHT_PX} />
			{bar.parts
				.filter(({ value }) => value > 0)
				.map(({ state, value }) => {
					below += value;
					const height = Math.max((value / top) * HEIGHT_PX, MIN_PART_PX);
					const y = HEIGHT_PX - Math.max((below / top) * HEIGHT_PX, MIN_PART_PX);
					const left = x + ((1 - FILLED) / 2) * width;
					return (
						<rect data-state={state} x={`${left}%`} width={`${width * FILLED}%`} y={y} height={height} key={state} />
					);
				})}
			<title>{`${bar.name}: ${bar.text}`}</title>
		</>
	);
	const attributes = { class: bar.isUnfinished ? 'bar unfinished' : 'bar', 'data-text': `${bar.name}: ${bar.text}` };
	if (bar.href === undefined) return <g {...attributes}>{content}</g>;
	return (
		<Link {...attributes} href={bar.href} tabIndex={-1}>
			{content}
		</Link>
	);
}

/** Rounds up to 2, 4, 6, 8 or 10 times a power of ten, so that the half is round as well. */
export function roundUp(value: number): number {
	const unit = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(value, 1))));
	return Math.max(2, Math.ceil(value / unit / 2) * 2 * unit);
}
