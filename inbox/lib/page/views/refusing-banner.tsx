/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { Link } from './page-info.js';

/** Shown by public/refused.js while requests are being refused that may be reports. */
export function RefusingBanner(): JSX.Element {
	return (
		<p id="refusing" class="refusing" role="status" hidden>
			<strong>Requests are being refused.</strong> <span /> <Link href="refused">See them</Link>
		</p>
	);
}
