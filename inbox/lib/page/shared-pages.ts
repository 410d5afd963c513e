import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';
import type { JSX } from 'preact';
import type { PulseStream } from './pulse.js';
import { renderPage } from './views/layout.js';

/** The maximum time for which a rendering is shared. */
const MAX_AGE_MS = 1_000;

/** A rendered page, encoded once for everyone who requests it. */
interface Rendering {
	readonly html: Buffer;
	readonly gzip: Buffer;
	/** Pages with the same content have the same tag. */
	readonly tag: string;
}

/** Makes a page from a request; undefined if it does not exist. */
export type MakePage = (req: Request) => Promise<JSX.Element | undefined>;

/**
 * Creates a function that makes the handlers of pages with live updates. All open pages request these after an event,
 * so a page is rendered and compressed once for all requests at about the same time, and not sent again to a browser
 * that has it. A rendering is only shared until the database is read for the next event, so it includes the changes
 * that the event announced.
 */
export function sharePages({
	lastRead,
	viewers,
}: Pick<PulseStream, 'lastRead' | 'viewers'>): (make: MakePage) => RequestHandler {
	const shared = new Map<string, { readonly start: number; readonly rendering: Promise<Rendering | undefined> }>();

	function share(key: string, render: () => Promise<Rendering | undefined>): Promise<Rendering | undefined> {
		const now = performance.now();
		for (const [other, { start }] of shared) {
			if (start < lastRead() || now - start > MAX_AGE_MS) shared.delete(other);
		}
		// without open pages there are no events to end it
		const known = viewers() > 0 ? shared.get(key) : undefined;
		if (known) return known.rendering;
		const rendering = render();
		shared.set(key, { start: now, rendering });
		rendering.catch(() => shared.delete(key));
		return rendering;
	}

	return (make) =>
		async function respond(req, res, next) {
			const rendering = await share(`${req.protocol}://${req.get('Host')}${req.url}`, async () => {
				const page = await make(req);
				return page && encode(await renderPage(res, page));
			});
			if (rendering) send(req, res, rendering);
			else next();
		};
}

async function encode(html: string): Promise<Rendering> {
	const bytes = Buffer.from(html);
	const hash = createHash('sha256').update(bytes).digest('base64url');
	return { html: bytes, gzip: await promisify(gzip)(bytes), tag: `"${hash}"` };
}

function send(req: Request, res: Response, { html, gzip, tag }: Rendering): void {
	res.set({ 'Cache-Control': 'no-store', ETag: tag, Vary: 'Accept-Encoding' });
	if (req.get('If-None-Match') === tag) return void res.status(304).end();
	const isCompressed = req.acceptsEncodings('gzip') === 'gzip';
	if (isCompressed) res.set('Content-Encoding', 'gzip');
	res.type('html').send(isCompressed ? gzip : html);
}
