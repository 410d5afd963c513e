import { CEILING } from './candidates.js';
import { sampleKey } from './measure.js';

/** @typedef {import('./candidates.js').Candidate} Candidate */
/** @typedef {import('./measure.js').Sample} Sample */
/** @typedef {import('./measure.js').Samples} Samples */

/**
 * The tables as text: ratios first, then the figures behind them.
 *
 * @param {readonly Candidate[]} rows
 * @param {readonly import('./requests.js').Form[]} forms
 * @param {Samples} samples
 * @param {Map<string, number>} memory
 */
export function tables(rows, forms, samples, memory) {
	const of = (/** @type {string} */ name) => rows.find((row) => row.name === name);
	const ceiling = of(CEILING);

	/** @param {(sample: Sample) => number} figure @param {number} digits */
	const medians = (figure, digits) => (/** @type {Sample[]} */ own) => median(own.map(figure)).toFixed(digits);

	/** Round by round, so that a slow minute of the machine cancels out. @param {(own: Sample, top: Sample) => number} ratio */
	const ratios = (ratio) => (/** @type {Sample[]} */ own, /** @type {Sample[]} */ top) =>
		median(own.flatMap((sample, round) => (top[round] ? [ratio(sample, top[round])] : []))).toFixed(2);

	/** @param {string} title @param {(own: Sample[], top: Sample[]) => string} cell */
	const perForm = (title, cell) =>
		table(
			[title, ...forms],
			rows.map((row) => [
				row.title,
				...forms.map((form) => {
					const own = samples.get(sampleKey(row, form)) ?? [];
					return cell(own, (ceiling && samples.get(sampleKey(ceiling, form))) ?? []);
				}),
			]),
		);

	return [
		...(ceiling
			? [
					perForm(
						'speed by CPU (ceiling = 1.00)',
						ratios((own, top) => top.cpu / own.cpu),
					),
					perForm(
						'throughput (ceiling = 1.00)',
						ratios((own, top) => own.throughput / top.throughput),
					),
				]
			: []),
		perForm(
			'CPU of the server, µs per request',
			medians(({ cpu }) => cpu, 1),
		),
		perForm(
			'requests per second',
			medians(({ throughput }) => throughput, 0),
		),
		perForm('latency p50 / p99, ms', (own) => `${medians((s) => s.p50, 2)(own)} / ${medians((s) => s.p99, 2)(own)}`),
		table(
			['memory of the server, settled', 'MB'],
			rows.map(({ name, title }) => [title, ((memory.get(name) ?? 0) / 2 ** 20).toFixed(0)]),
		),
	].join('\n\n');
}

/** @param {readonly number[]} values */
export function median(values) {
	const sorted = values.toSorted((one, other) => one - other);
	const middle = (sorted.length - 1) / 2;
	return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/**
 * A Markdown table that can be read as text too.
 *
 * @param {string[]} head
 * @param {string[][]} rows
 */
export function table(head, rows) {
	const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
	const line = (/** @type {string[]} */ cells) =>
		`| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
	const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
	return [line(head), line(rule), ...rows.map(line)].join('\n');
}
