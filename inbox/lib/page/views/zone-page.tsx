/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { allZones, offsetName, zoneName } from '../../zone.js';
import { Layout } from './layout.js';
import { useZone } from './page-info.js';

/**
 * The choice of the time zone.
 *
 * @param back - the page to show in the chosen zone, relative to the inbox
 */
export function ZonePage({ back }: { back: string }): JSX.Element {
	// only the last part of the path, so it cannot lead to another site
	const { pathname, searchParams } = new URL(`http://inbox/${back.replace(/^[^?]*\//, '')}`);
	searchParams.delete('tz');
	return (
		<Layout title="Time zone">
			<section class="card narrow" aria-labelledby="zone-title">
				<h1 id="zone-title">Time zone</h1>
				<p class="quiet">
					All times on these pages are in one zone. It is part of each page’s address, so a link that you share shows
					the same to everyone.
				</p>
				<form id="zone-form" action={`.${pathname}`} method="get">
					{[...searchParams].map(([name, value], index) => (
						<input type="hidden" name={name} value={value} key={index} />
					))}
					<label for="tz">Show times in</label>
					<div class="line">
						<Zones />
						<button type="submit">Apply</button>
					</div>
				</form>
			</section>
		</Layout>
	);
}

function Zones(): JSX.Element {
	const [chosen, now] = [useZone(), new Date()];
	return (
		<select id="tz" name="tz">
			{allZones().map((zone) => (
				<option value={zone} selected={zone === chosen} key={zone}>
					{zone.includes('/') ? `${zone.replaceAll('_', ' ')}, ${offsetName(now, zone)}` : zoneName(zone)}
				</option>
			))}
		</select>
	);
}
