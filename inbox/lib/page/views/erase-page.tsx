/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import type { Traces } from '../../store/erasure.js';
import { Layout } from './layout.js';
import { Link, PostForm } from './page-info.js';
import { Text } from './text.js';

/** The steps of erasing a number. */
type Step =
	| { readonly step: 'asked' | 'rejected' }
	| { readonly step: 'found'; readonly number: string; readonly traces: Traces }
	| { readonly step: 'erased'; readonly traces: Traces };

/** Erases a number from all tables, after showing what that would be. */
export function ErasePage(props: Step): JSX.Element {
	return (
		<Layout title="Erase a number">
			<section class="card narrow" aria-labelledby="erase-title">
				<h1 id="erase-title">Erase a number</h1>
				{props.step === 'found' && <Confirmation {...props} />}
				{props.step === 'erased' && (
					<>
						<p role="status">
							<strong>Erased.</strong> {tracesText(props.traces)}
						</p>
						<p>
							<Link href=".?q=erased">Show erased messages</Link>
						</p>
					</>
				)}
				{(props.step === 'asked' || props.step === 'rejected') && (
					<>
						<p>
							Removes a phone number or e-mail address from all messages, their reports and their XML, for example
							because its owner asks for it. Messages keep their ids, times and states, so statistics stay the same.
							Refused requests that contain the number are deleted. You see how much that is before anything happens.
						</p>
						{props.step === 'rejected' && (
							<p class="notice" role="alert">
								Enter a complete phone number with its country code, or an e-mail address. Short codes cannot be erased.
							</p>
						)}
						<PostForm action="erase">
							<label for="number">Number</label>
							<input id="number" name="number" required autocomplete="off" maxLength={200} />
							<button type="submit">Find it</button>
						</PostForm>
					</>
				)}
			</section>
		</Layout>
	);
}

function Confirmation({ number, traces }: { number: string; traces: Traces }): JSX.Element {
	const isEmpty = Object.values(traces).every((count) => count === 0);
	if (isEmpty) {
		return (
			<>
				<p role="status">
					Nothing contains <Text>{number}</Text>.
				</p>
				<p>
					<Link href="erase">Try another number</Link>
				</p>
			</>
		);
	}
	return (
		<PostForm action="erase">
			<p role="status">
				<strong>
					<Text>{number}</Text>
				</strong>{' '}
				will be erased. {tracesText(traces)}
			</p>
			<p>
				This cannot be undone. Backups, the log of RabbitMQ and your application are not changed. Later reports about
				the number are stored like any other.
			</p>
			<input type="hidden" name="number" value={number} />
			<input type="hidden" name="confirmed" value="true" />
			<button type="submit">Erase it</button> <Link href=".">Cancel</Link>
		</PostForm>
	);
}

function tracesText({ messages, reports, refused }: Traces): string {
	const count = (number: number, name: string) => `${number.toLocaleString('en')} ${name}${number === 1 ? '' : 's'}`;
	return `${count(messages, 'message')} and ${count(reports, 'report')} lose it; ${count(refused, 'refused request')} deleted.`;
}
