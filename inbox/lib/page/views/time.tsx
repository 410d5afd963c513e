/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { fullTimeText, timeText } from '../../zone.js';
import { useZone } from './page-info.js';

/** A time in the zone of the page: today's as `14:03:59`, others with their date. public/times.js adds its age. */
export function Time({ children }: { children: Date }): JSX.Element {
	const zone = useZone();
	return (
		<time dateTime={children.toISOString()} title={fullTimeText(children, zone)}>
			{timeText(children, zone)}
		</time>
	);
}
