import { printable } from '../command-line.js';
import type { SimulationEvents } from './simulate.js';

/** The maximum number of progress lines, and of kinds of failure. */
const MAX_LINES = 10;

/** Prints the progress of a simulation of `count` messages, and each kind of failure once. */
export function reporterFor(output: NodeJS.WritableStream, count: number): Required<SimulationEvents> {
	const shown = new Set<string>();
	let next = 1;
	return {
		onProgress({ messages, accepted, rejected, lost }) {
			if (messages < (count * next) / MAX_LINES) return;
			next = Math.floor((messages / count) * MAX_LINES) + 1;
			output.write(`${messages}/${count} messages: ${accepted} accepted, ${rejected} rejected, ${lost} lost\n`);
		},
		onFailure({ reason = '' }) {
			if (shown.has(reason) || shown.size >= MAX_LINES) return;
			shown.add(reason);
			output.write(`not accepted: ${printable(reason)}\n`);
		},
	};
}
