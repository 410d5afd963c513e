/** @param {readonly number[]} values */
export function median(values) {
	const sorted = values.toSorted((one, other) => one - other);
	const middle = (sorted.length - 1) / 2;
	return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}

/**
 * The median of the ratios per round, so that a slow minute of the machine cancels out.
 *
 * @param {readonly number[]} numerators @param {readonly number[]} denominators - in the order of the rounds
 */
export function medianRatio(numerators, denominators) {
	return median(numerators.map((value, round) => value / (denominators[round] ?? Number.NaN))).toFixed(2);
}

/**
 * A Markdown table that can also be read as text.
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

/**
 * Numbers above 0 from options.
 *
 * @template {string} Name
 * @param {Record<Name, unknown>} values
 * @param {readonly Name[]} names
 * @returns {Record<Name, number>}
 */
export function positive(values, names) {
	const wrong = names.find((name) => !(Number(values[name]) > 0));
	if (wrong !== undefined) throw new Error(`--${wrong} must be a number above 0`);
	return /** @type {any} */ (Object.fromEntries(names.map((name) => [name, Number(values[name])])));
}
