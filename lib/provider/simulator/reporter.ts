import { printable, type Terminal } from '../command-line.js';
import type { SimulationEvents } from './simulate.js';

/** Shows how a simulation goes on. */
export interface Reporter extends Required<SimulationEvents> {
	/** Nothing more will come. */
	stop(): void;
}

/** A progress bar on a terminal, plain lines elsewhere. */
export function reporterFor(output: Terminal['stderr'], count: number): Reporter {
	return output.isTTY ? barReporter(output, count) : lineReporter(output, count);
}

const BAR_WIDTH = 24;
const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const CLEAR_LINE = '\r\x1b[2K';
/** Milliseconds between two drawings: a terminal is slower than a simulation. */
const REDRAW = 100;

/** One line that rewrites itself. */
function barReporter(output: Terminal['stderr'], count: number): Reporter {
	let counts = { messages: 0, accepted: 0, refused: 0, lost: 0 };
	let last = '';
	let timer: NodeJS.Timeout | undefined;
	const draw = () => {
		clearTimeout(timer);
		timer = undefined;
		const { messages, accepted, refused, lost } = counts;
		const done = Math.floor((messages / count) * BAR_WIDTH);
		const bar = '='.repeat(done).padEnd(BAR_WIDTH, '-');
		const percent = Math.floor((messages / count) * 100);
		const line = `${bar} ${percent}% | ${messages}/${count} messages | ${accepted} accepted, ${refused} refused, ${lost} lost${last}`;
		// a line that is broken could not be rewritten; some terminals give no width, or 0
		output.write(CLEAR_LINE + line.slice(0, (output.columns || 80) - 1));
	};
	const drawSoon = () => {
		timer ??= setTimeout(draw, REDRAW);
	};
	output.write(HIDE_CURSOR);
	draw();
	return {
		onProgress(progress) {
			counts = progress;
			drawSoon();
		},
		onFailure({ reason = '' }) {
			last = ` | last failure: ${printable(reason)}`;
			drawSoon();
		},
		stop() {
			draw();
			output.write(`\n${SHOW_CURSOR}`);
		},
	};
}

/** How many lines the whole simulation makes, without failures. */
const LINES = 10;

function lineReporter(output: Terminal['stderr'], count: number): Reporter {
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
			output.write(`not accepted: ${printable(reason)}\n`);
		},
		stop() {},
	};
}
