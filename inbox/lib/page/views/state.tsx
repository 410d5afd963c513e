/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import type { MessageState } from '../../store/report-row.js';

/** The state of a message, with its color. */
export function State({ state }: { state: MessageState }): JSX.Element {
	return (
		<span class="badge" data-state={state}>
			{state}
		</span>
	);
}
