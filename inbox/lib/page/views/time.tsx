/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';

const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** A moment with its zone: UTC here; public/times.js puts it into the zone of the reader. */
export function Time({ children }: { children: Date }): JSX.Element {
	return <time dateTime={children.toISOString()}>{timeText(children)}</time>;
}

/** The same as text. */
export function timeText(date: Date): string {
	return `${DAY_AND_TIME.format(date)}\u00a0UTC`;
}
