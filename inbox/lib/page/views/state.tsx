/** @jsxRuntime automatic @jsxImportSource preact */
import type { DeliveryState } from 'mm7-delivery-reports';
import type { JSX } from 'preact';

/** The state of a message, with its color. */
export function State({ state }: { state: DeliveryState }): JSX.Element {
	return (
		<span class="badge" data-state={state}>
			{state}
		</span>
	);
}
