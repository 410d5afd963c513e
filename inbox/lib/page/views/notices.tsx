/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { Document, Layout } from './layout.js';

/** Explains how to open the page. */
export function accessPage(kind: 'token' | 'password'): JSX.Element {
	return (
		<Document title="Locked">
			<main class="alone">
				<section class="card">
					<h1>This page is locked</h1>
					{kind === 'token' ? (
						<>
							<p>
								It shows phone numbers, so it only opens with the link that the inbox prints at startup, in the terminal
								or in its service log:
							</p>
							<pre>Page with the reports: http://…/?token=…</pre>
							<p>
								Links from earlier runs no longer work. To use a user name and password instead, set{' '}
								<code>PAGE_USER</code> and <code>PAGE_PASSWORD</code>.
							</p>
						</>
					) : (
						<p>
							It shows phone numbers, so it needs the user name and password that are set in <code>PAGE_USER</code> and{' '}
							<code>PAGE_PASSWORD</code>.
						</p>
					)}
				</section>
			</main>
		</Document>
	);
}

/**
 * Redirects, as a page of this site.
 *
 * @param url - empty for the current address
 */
export function reloadPage(url: string): JSX.Element {
	return (
		<Document title="Delivery reports" refresh={`0${url && `; url=${url}`}`}>
			<main class="alone">
				<p>
					<a href={url}>Open the page</a>
				</p>
			</main>
		</Document>
	);
}

/** Explains why a page cannot be shown; with `retries` it reloads once the database responds. */
export function FailurePage({ title, text, retries = false }: FailureProps): JSX.Element {
	return (
		<Layout title={title} {...(retries && { script: 'retry.js' })}>
			<section class="card">
				<h1>{title}</h1>
				<p>{text}</p>
				<p>
					<a href=".">Show all messages</a>
				</p>
			</section>
		</Layout>
	);
}

interface FailureProps {
	readonly title: string;
	readonly text: string;
	readonly retries?: boolean;
}

/**
 * Before the first report: the URL for the provider, and a command to try it. The sample is a file of this page, so the
 * command works on any machine.
 */
export function EmptyPage({ root, mm7User }: { root: string; mm7User: string | undefined }): JSX.Element {
	const login = mm7User === undefined ? '' : ` -u '${mm7User}'`;
	return (
		<Layout title="No reports yet" place="Messages" script="live.js">
			<section class="card" id="live" data-version="empty" aria-labelledby="empty-title">
				<h1 id="empty-title">No reports yet</h1>
				<p>The first report appears here as soon as it arrives.</p>
				<h2>The URL for the provider</h2>
				<pre>{`${root}/mm7`}</pre>
				<p class="quiet">
					This URL starts with the address you opened. The provider needs an address that it can reach from outside.
				</p>
				<h2>Try it from a terminal</h2>
				<pre>
					{`curl -s '${root}/sample.xml' |\n  curl -i '${root}/mm7'${login} -H 'Content-Type: text/xml' --data-binary @-`}
				</pre>
			</section>
		</Layout>
	);
}
