import { SingleBar } from 'cli-progress';
import type { SimulationEvents } from './run.js';

/** Shows how a simulation goes on. */
export interface Reporter extends Required<SimulationEvents> {
	/** Nothing more will come. */
	stop(): void;
}

/** Where progress is written to; standard error, so that standard output holds the result alone. */
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };

/** A progress bar on a terminal, plain lines elsewhere. */
export function reporterFor(output: Output, count: number): Reporter {
	return output.isTTY ? barReporter(output, count) : lineReporter(output, count);
}

const BAR =
	'{bar} {percentage}% | {value}/{total} messages | {accepted} accepted, {refused} refused, {lost} lost{last}';

function barReporter(output: Output, count: number): Reporter {
	// the program ends on its own after Ctrl-C
	const bar = new SingleBar({
		stream: output,
		format: BAR,
		barsize: 24,
		barCompleteChar: '=',
		barIncompleteChar: '-',
		hideCursor: true,
		gracefulExit: false,
	});
	bar.start(count, 0, { accepted: 0, refused: 0, lost: 0, last: '' });
	return {
		onProgress: ({ messages, accepted, refused, lost }) => bar.update(messages, { accepted, refused, lost }),
		onFailure: ({ reason }) => bar.update({ last: ` | last failure: ${reason}` }),
		stop: () => bar.stop(),
	};
}

/** How many lines the whole simulation makes, without failures. */
const LINES = 10;

function lineReporter(output: Output, count: number): Reporter {
	const shown = new Set<string>();
	let next = 1;
	return {
		onProgress({ messages, accepted, refused, lost }) {
			if (messages < (count * next) / LINES) return;
			next = Math.floor((messages / count) * LINES) + 1;
			output.write(`${messages}/${count} messages: ${accepted} accepted, ${refused} refused, ${lost} lost\n`);
		},
		/** Of each kind the first: the summary counts them. */
		onFailure({ reason = '' }) {
			if (shown.has(reason) || shown.size >= LINES) return;
			shown.add(reason);
			output.write(`not accepted: ${reason}\n`);
		},
		stop() {},
	};
}
