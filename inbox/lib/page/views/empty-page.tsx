/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { Layout } from './layout.js';

/**
 * Before the first report: what to tell the provider, and how to try. The sample is a file of this page, so that the
 * command works on any machine.
 */
export function EmptyPage({ root, mm7User }: { root: string; mm7User: string | undefined }): JSX.Element {
	const login = mm7User === undefined ? '' : ` -u '${mm7User}'`;
	return (
		<Layout title="No report yet" place="Messages" script="list.js">
			<section class="card welcome" id="empty" aria-labelledby="empty-title">
				<h1 id="empty-title">No report has come yet</h1>
				<p>The first one is shown here as soon as it comes.</p>
				<h2>The URL for the provider</h2>
				<pre>{`${root}/mm7`}</pre>
				<p class="quiet">
					It begins like the address under which you opened this page; the provider needs one that is reached from
					outside.
				</p>
				<h2>Try it from a terminal</h2>
				<pre>
					{`curl -s '${root}/sample.xml' |\n  curl -i '${root}/mm7'${login} -H 'Content-Type: text/xml' --data-binary @-`}
				</pre>
			</section>
		</Layout>
	);
}
