/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { Document, Layout } from './layout.js';
import { Link, PostForm } from './page-info.js';

/** Explains how to open the page. */
export function accessPage(kind: 'new token' | 'fixed token' | 'password'): JSX.Element {
	return (
		<Document title="Locked">
			<main class="alone">
				<section class="card">
					<h1>This page is locked</h1>
					{kind === 'fixed token' && (
						<p>
							It shows phone numbers, so it only opens with a link that ends in <code>/?token=</code> and the token that
							is set in <code>PAGE_TOKEN</code>.
						</p>
					)}
					{kind === 'new token' && (
						<>
							<p>
								It shows phone numbers, so it only opens with the link that the inbox prints at startup, in the terminal
								or in its service log:
							</p>
							<pre>Page with the reports: http://…/?token=…</pre>
							<p>
								Links from earlier runs no longer work. To keep the link, set <code>PAGE_TOKEN</code>. To use a user
								name and password instead, set <code>PAGE_USER</code> and <code>PAGE_PASSWORD</code>.
							</p>
						</>
					)}
					{kind === 'password' && (
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
 * Redirects from a page of this site instead of by HTTP.
 *
 * @param url - empty for the current address
 */
export function reloadPage(url: string): JSX.Element {
	return (
		<Document title="Delivery reports" refresh={`0${url && `; url=${url}`}`}>
			<main class="alone">
				<p>
					<Link href={url}>Open the page</Link>
				</p>
			</main>
		</Document>
	);
}

/** Explains why a page cannot be shown. With `retries`, it reloads once the database responds. */
export function FailurePage({ title, text, retries = false }: FailureProps): JSX.Element {
	return (
		<Layout title={title} {...(retries && { script: 'retry.js' })}>
			<section class="card">
				<h1>{title}</h1>
				<p>{text}</p>
				<p>
					<Link href=".">Show all messages</Link>
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

/** Options for the page shown before the first report. */
export interface StartOptions {
	/** The provider's user name. */
	readonly mm7User: string | undefined;
	/** Whether this process receives reports. */
	readonly receives: boolean;
	/** Whether the page can send a test report. */
	readonly canTest: boolean;
}

/** How the user opened the page. */
export interface OpenedAt {
	/** The address, without a path. */
	readonly root: string;
	/** Whether a proxy with TLS is in front that TRUST_PROXY does not name. */
	readonly proxyIsUntrusted: boolean;
}

/**
 * The page shown before the first report, with the steps to get one. The sample is served by the inbox, so the command
 * works on any machine.
 */
export function EmptyPage({
	root,
	proxyIsUntrusted,
	mm7User,
	receives,
	canTest,
}: StartOptions & OpenedAt): JSX.Element {
	const login = mm7User === undefined ? '' : ` -u '${mm7User}'`;
	const url = receives ? `${root}/mm7` : 'https://RECEIVER/mm7';
	return (
		<Layout title="No reports yet" place="Messages" script="live.js">
			<section class="card" id="live" data-version="empty" aria-labelledby="empty-title">
				<h1 id="empty-title">No reports yet</h1>
				<p>The first report appears here as soon as it arrives.</p>
				<ol class="steps">
					<li>
						<h2>Give the provider this URL</h2>
						<pre>{url}</pre>
						<p class="quiet">
							{receives
								? 'It starts with the address you opened. The provider needs an address that it can reach from outside.'
								: 'This process only shows reports. RECEIVER is the address of your processes that run “mm7-inbox receive”.'}
						</p>
						{proxyIsUntrusted && (
							<p>
								<strong>The URL starts with https.</strong> A proxy in front has TLS, but <code>TRUST_PROXY</code> does
								not name it, so the inbox treats all addresses as the proxy’s. For a proxy on this machine, set{' '}
								<code>TRUST_PROXY=loopback</code>.
							</p>
						)}
					</li>
					<li>
						<h2>Send a test report</h2>
						{canTest && (
							<PostForm action="test-report">
								<button type="submit">Send a test report</button>
							</PostForm>
						)}
						<p>{canTest ? 'Or send one from a terminal:' : 'From a terminal:'}</p>
						<pre>{`curl -s '${root}/sample.xml' |\n  curl -i '${url}'${login} -H 'Content-Type: text/xml' --data-binary @-`}</pre>
					</li>
					<li>
						<h2>Next steps</h2>
						<p>
							Your application, in any language, can get each change as a signed event (<code>FORWARD_URL</code>) and
							ask for messages in JSON (<code>API_TOKEN</code>). <Link href="readme.txt">The inbox’s README</Link> links
							to receivers in PHP, Python and Node.js. It also describes access, databases, monitoring and running on
							several machines. An app in Node.js can receive reports itself, with the package{' '}
							<code>mm7-delivery-reports</code>.
						</p>
					</li>
				</ol>
				<p>
					To look around first, run <code>npx mm7-inbox demo</code>, or <code>npm run start:demo</code> in a clone of
					the repository. It shows a thousand invented messages, in a temporary database.
				</p>
			</section>
		</Layout>
	);
}
