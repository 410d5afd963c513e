import type { PulseStream } from './pulse.js';

/** A rendering stays for this long at most. */
const MAX_AGE_MS = 1_000;

/**
 * Makes a function that renders a page once for everyone who asks for it at about the same time, as all open pages do
 * after an event. What the event announced is in it: a rendering is only shared until the database is read for the next.
 */
export function sharePages({ lastRead, viewers }: Pick<PulseStream, 'lastRead' | 'viewers'>) {
	const shared = new Map<string, { readonly start: number; readonly html: Promise<string> }>();

	return function share(key: string, render: () => Promise<string>): Promise<string> {
		const now = performance.now();
		for (const [other, { start }] of shared) {
			if (start < lastRead() || now - start > MAX_AGE_MS) shared.delete(other);
		}
		// without open pages, there are no events that would end it
		const known = viewers() > 0 ? shared.get(key) : undefined;
		if (known) return known.html;
		const html = render();
		shared.set(key, { start: now, html });
		html.catch(() => shared.delete(key));
		return html;
	};
}
