/** @jsxRuntime automatic @jsxImportSource preact */
import type { Response } from 'express';
import { type ComponentChildren, createContext, type JSX } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';
import { ownTurn } from '../turns.js';

const PLACES = [
	{ href: '.', name: 'Messages' },
	{ href: 'statistics', name: 'Statistics' },
	{ href: 'unreadable', name: 'Unreadable' },
] as const;

/** An entry of the navigation. */
export type Place = (typeof PLACES)[number]['name'];

/** Responds with a page. Caches must not store it, because it shows phone numbers. */
export async function sendPage(res: Response, page: JSX.Element): Promise<void> {
	sendHtml(res, await renderPage(res, page));
}

/** Renders a page when its turn comes. */
export async function renderPage(res: Response, page: JSX.Element): Promise<string> {
	await ownTurn();
	const isDemo = res.app.locals['isDemo'];
	return `<!doctype html>\n${renderToStaticMarkup(<IsDemo.Provider value={isDemo}>{page}</IsDemo.Provider>)}`;
}

/** Sends a rendered page. */
export function sendHtml(res: Response, html: string): void {
	res.set('Cache-Control', 'no-store').type('html').send(html);
}

/** Whether the inbox shows demo data. */
const IsDemo = createContext(false);

/** An HTML document. All its links are relative and within one folder, so a proxy can add a path. */
export function Document({ title, refresh, scripts = [], children }: DocumentProps): JSX.Element {
	return (
		<html lang="en">
			<head>
				<meta charset="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="color-scheme" content="light dark" />
				{refresh !== undefined && <meta http-equiv="refresh" content={refresh} />}
				<title>{title}</title>
				<link rel="icon" href="icon.svg" type="image/svg+xml" />
				<link rel="stylesheet" href="style.css" />
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
	readonly children: ComponentChildren;
}

/** A page of the inbox: navigation, health and content. */
export function Layout({ title, place, script, updates = '.', children }: LayoutProps): JSX.Element {
	return (
		<Document title={`${title} – Delivery reports`} scripts={['times.js', 'health.js', ...(script ? [script] : [])]}>
			<a class="skip" href="#content">
				Skip to content
			</a>
			<header>
				<p class="brand">Delivery reports</p>
				<nav class="tabs" aria-label="Pages">
					{PLACES.map(({ href, name }) => (
						<a href={href} aria-current={name === place ? 'page' : undefined} key={name}>
							{name}
							{name === 'Unreadable' && <span id="unreadable-count" class="counter" hidden />}
						</a>
					))}
				</nav>
				<p id="connection" class="connection" data-state="connecting">
					Connecting
				</p>
			</header>
			<IsDemo.Consumer>
				{(isDemo) =>
					isDemo && <p class="demo">Demo data: these messages are invented, and deleted when the inbox stops.</p>
				}
			</IsDemo.Consumer>
			<p id="trouble" class="trouble" role="alert" hidden />
			<main id="content" tabIndex={-1}>
				{children}
			</main>
			{script === 'live.js' && (
				<div class="news" role="status">
					<a id="news" class="button" href={updates} hidden>
						Show updates
					</a>
				</div>
			)}
			<noscript>
				<p class="alone quiet">Without JavaScript, this page does not update. Reload it to see new reports.</p>
			</noscript>
		</Document>
	);
}

interface LayoutProps {
	readonly title: string;
	readonly place?: Place;
	/** `live.js` updates the element with the id `live`; `retry.js` reloads the page once the database responds. */
	readonly script?: 'live.js' | 'retry.js';
	/** Where the "updates" link leads on a page without live updates. */
	readonly updates?: string;
	readonly children: ComponentChildren;
}
