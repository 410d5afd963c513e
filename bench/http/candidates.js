/**
 * @typedef {object} Candidate
 * @property {string} name - as `--only` takes it
 * @property {string} title - as the tables show it
 * @property {string} module - file in servers/
 * @property {object} [options] - for its `receiver` function
 * @property {boolean} parses - whether its answer repeats the TransactionID, which is then checked
 * @property {boolean} [prepared] - whether requests and responses have Express's prototypes from the start
 */

/** What everything is held against. */
export const CEILING = 'express-raw';

/**
 * All rows, in the order of the tables.
 *
 * @param {string} dist - folder of the build to measure
 * @param {string | undefined} against - folder of another build of this package
 * @returns {Candidate[]}
 */
export function candidates(dist, against) {
	const reference = against === undefined ? [] : ours(against, '-against', ', other build');
	return [
		{
			name: CEILING,
			title: 'Express 5 + body-parser raw, fixed answer',
			module: 'express-raw.js',
			parses: false,
		},
		{
			name: 'xml2js',
			title: 'the same + xml2js (and busboy), tree thrown away',
			module: 'xml2js-alone.js',
			parses: false,
		},
		...ours(dist, '', ''),
		...reference,
	];
}

/**
 * A row, and behind it the same with requests and responses that have Express's prototypes from the start.
 *
 * @param {Candidate} row
 * @returns {Candidate[]}
 */
export function withPrepared(row) {
	return [row, { ...row, name: `${row.name}-prepared`, title: `${row.title}, prepared`, prepared: true }];
}

/**
 * @param {string} dist
 * @param {string} suffix
 * @param {string} remark
 * @returns {Candidate[]}
 */
function ours(dist, suffix, remark) {
	return [false, true].map((async) => ({
		name: `${async ? 'ours-async' : 'ours'}${suffix}`,
		title: `mm7-delivery-reports, ${async ? 'async' : 'sync'} handler${remark}`,
		module: 'ours.js',
		options: { dist, async },
		parses: true,
	}));
}
