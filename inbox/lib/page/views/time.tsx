/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';

const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium', timeZone: 'UTC' });

/** A time with its zone: UTC, which public/times.js converts to the reader's zone. */
export function Time({ children }: { children: Date }): JSX.Element {
	return <time dateTime={children.toISOString()}>{`${DAY_AND_TIME.format(children)}\u00a0UTC`}</time>;
}
