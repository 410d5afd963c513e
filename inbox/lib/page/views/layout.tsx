/** @jsxRuntime automatic @jsxImportSource preact */
import type { Response } from 'express';
import type { ComponentChildren, JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { renderToStaticMarkup } from 'preact-render-to-string';
import { offsetName, UTC, zoneName } from '../../zone.js';
import { ownTurn } from '../turns.js';
import { Link, PageContext, pageInfo } from './page-info.js';
import { RefusingBanner } from './refusing-banner.js';

const PLACES = [
	{ href: '.', name: 'Messages' },
	{ href: '.?overdue=no-report', name: 'Overdue' },
	{ href: 'statistics', name: 'Statistics' },
	{ href: 'refused', name: 'Refused' },
] as const;

/** An entry of the navigation. */
export type Place = (typeof PLACES)[number]['name'];

/** Responds with a page. Caches must not store it, because it shows phone numbers. */
export async function sendPage(res: Response, page: JSX.Element): Promise<void> {
	const html = await renderPage(res, page);
	res.set('Cache-Control', 'no-store').type('html').send(html);
}

/** Renders a page when its turn comes. */
export async function renderPage(res: Response, page: JSX.Element): Promise<string> {
	await ownTurn();
	const info = pageInfo(res);
	return `<!doctype html>\n${renderToStaticMarkup(<PageContext.Provider value={info}>{page}</PageContext.Provider>)}`;
}

/** An HTML document. All its links are relative and within one folder, so a proxy can add a path. */
export function Document({ title, refresh, scripts = [], hasTimes = false, children }: DocumentProps): JSX.Element {
	const { zone } = useContext(PageContext);
	return (
		<html lang="en" data-zone={hasTimes ? zone : undefined}>
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="color-scheme" content="light dark" />
				{refresh !== undefined && <meta http-equiv="refresh" content={refresh} />}
				<title>{title}</title>
				<link rel="icon" href="icon.svg" type="image/svg+xml" />
				{hasTimes && <script src="zone.js" />}
				<link rel="stylesheet" href="style.css" />
				<link rel="stylesheet" href="list.css" />
				{scripts.map((script) => (
					<script type="module" src={script} key={script} />
				))}
			</head>
			<body>{children}</body>
		</html>
	);
}

interface DocumentProps {
	readonly title: string;
	/** The content of `<meta http-equiv="refresh">`. */
	readonly refresh?: string;
	/** The modules in `public` to load. */
	readonly scripts?: readonly string[];
	/** Whether it shows times, in the zone of its address. */
	readonly hasTimes?: boolean;
	readonly children: ComponentChildren;
}

/** A page of the inbox: navigation, health and content. */
export function Layout({ title, place, script, scripts = [], updates = '.', children }: LayoutProps): JSX.Element {
	const { isDemo, hasOverdue } = useContext(PageContext);
	return (
		<Document
			title={`${title} – Delivery reports`}
			scripts={['times.js', 'health.js', 'keys.js', 'copy.js', ...(script ? [script] : []), ...scripts]}
			hasTimes
		>
			<a class="skip" href="#content">
				Skip to content
			</a>
			<header>
				<p class="brand">Delivery reports</p>
				<nav class="tabs" aria-label="Pages">
					{PLACES.filter(({ name }) => name !== 'Overdue' || hasOverdue).map(({ href, name }) => (
						<Link href={href} aria-current={name === place ? 'page' : undefined} key={name}>
							{name}
							{name === 'Refused' && <span id="refused-count" class="counter" hidden />}
						</Link>
					))}
				</nav>
				<ZoneLink />
				<p id="connection" class="connection" />
				<button type="button" id="help" class="key" title="Keyboard" aria-label="Keyboard" hidden>
					?
				</button>
			</header>
			{isDemo && <p class="demo">Demo data: these messages are invented, and deleted when the inbox stops.</p>}
			<p id="trouble" class="trouble" role="alert" hidden />
			<RefusingBanner />
			<main id="content" tabIndex={-1}>
				{children}
			</main>
			{script === 'live.js' && (
				<div class="news" role="status">
					<Link id="news" class="button" href={updates} hidden>
						Show updates
					</Link>
				</div>
			)}
			<Keys />
			<noscript>
				<p class="alone quiet">Without JavaScript, this page does not update. Reload it to see new reports.</p>
			</noscript>
		</Document>
	);
}

const KEYS = { '/': 'Search', j: 'Next row', k: 'Previous row', Enter: 'Open', Esc: 'Back', '?': 'This help' };

/** The help that public/keys.js shows. */
function Keys(): JSX.Element {
	return (
		<dialog id="keys" aria-labelledby="keys-title">
			<form method="dialog">
				<h2 id="keys-title">Keyboard</h2>
				<dl>
					{Object.entries(KEYS).map(([key, action]) => (
						<div key={key}>
							<dt>
								<kbd>{key}</kbd>
							</dt>
							<dd>{action}</dd>
						</div>
					))}
				</dl>
				<button type="submit">Close</button>
			</form>
		</dialog>
	);
}

/** Names the zone of all times on the page, and leads to the choice of another. */
function ZoneLink(): JSX.Element {
	const { zone, here } = useContext(PageContext);
	const offset = offsetName(new Date(), zone);
	return (
		<Link class="zone" href={`zone?back=${encodeURIComponent(here)}`} title={`All times are in ${zone}. Change`}>
			<span class="hidden">Time zone: </span>
			{zone === UTC ? zone : `${zoneName(zone)}, ${offset}`}
		</Link>
	);
}

interface LayoutProps {
	readonly title: string;
	readonly place?: Place;
	/** `live.js` updates the element with the id `live`; `retry.js` reloads the page once the database responds. */
	readonly script?: 'live.js' | 'retry.js';
	/** More modules in `public`. */
	readonly scripts?: readonly string[];
	/** Where the "updates" link leads on a page without live updates. */
	readonly updates?: string;
	readonly children: ComponentChildren;
}
