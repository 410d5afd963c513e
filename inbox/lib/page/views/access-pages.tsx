/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { Document } from './layout.js';

/** Says how to get in. */
export function accessPage(kind: 'token' | 'password'): JSX.Element {
	return (
		<Document title="Not open to you yet">
			<main class="alone">
				<section class="card">
					<h1>This page is locked</h1>
					{kind === 'token' ? (
						<>
							<p>
								It shows telephone numbers, so it opens by the link that the inbox prints at its start, in the terminal
								or in the log of its service:
							</p>
							<pre>Page with the reports: http://…/?token=…</pre>
							<p>
								A link of an earlier start does not work any more. For a name and password in place of the link, start
								the inbox with <code>PAGE_USER</code> and <code>PAGE_PASSWORD</code>.
							</p>
						</>
					) : (
						<p>
							It shows telephone numbers, so it asks for a name and a password: those that the inbox was started with,
							in <code>PAGE_USER</code> and <code>PAGE_PASSWORD</code>.
						</p>
					)}
				</section>
			</main>
		</Document>
	);
}

/**
 * Goes on by itself, as a page of this site.
 *
 * @param url - empty: this same address again
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
