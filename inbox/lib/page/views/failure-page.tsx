/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { Layout } from './layout.js';

/** Says in words why a page cannot be shown; `retries`: it is loaded again once the database answers. */
export function FailurePage({ title, text, retries = false }: FailureProps): JSX.Element {
	return (
		<Layout title={title} place={undefined} {...(retries && { script: 'retry.js' })}>
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
