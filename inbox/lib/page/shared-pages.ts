import type { PulseStream } from './pulse.js';

/** The maximum time for which a rendering is shared. */
const MAX_AGE_MS = 1_000;

/**
 * Creates a function that renders a page once for all requests at about the same time, such as those of all open pages
 * after an event. A rendering is only shared until the database is read for the next event, so it includes the changes
 * that the event announced.
 */
export function sharePages({ lastRead, viewers }: Pick<PulseStream, 'lastRead' | 'viewers'>) {
	const shared = new Map<string, { readonly start: number; readonly html: Promise<string> }>();

	return function share(key: string, render: () => Promise<string>): Promise<string> {
		const now = performance.now();
		for (const [other, { start }] of shared) {
			if (start < lastRead() || now - start > MAX_AGE_MS) shared.delete(other);
		}
		// without open pages there are no events to end it
		const known = viewers() > 0 ? shared.get(key) : undefined;
		if (known) return known.html;
		const html = render();
		shared.set(key, { start: now, html });
		html.catch(() => shared.delete(key));
		return html;
	};
}
