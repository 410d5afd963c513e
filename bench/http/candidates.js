import { FORMS } from './requests.js';

/** @typedef {import('./requests.js').Form} Form */

/**
 * @typedef {object} Candidate
 * @property {string} name - as `--only` takes it
 * @property {string} title - as the tables show it
 * @property {string} module - file in servers/
 * @property {object} [options] - for its `receiver` function
 * @property {readonly Form[]} forms - what it can read
 * @property {boolean} parses - whether its answer repeats the TransactionID, which is then checked
 * @property {boolean} [prepared] - whether requests and responses have Express's prototypes from the start
 */

/** What everything is held against. */
export const CEILING = 'express-raw';

const WITHOUT_EXPRESS = 'node-http';

/** Without MIME: a body that begins with `<`, whatever its Content-Type says. @type {readonly Form[]} */
const XML_ONLY = ['xml', 'bare'];

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
			name: WITHOUT_EXPRESS,
			title: 'node:http, fixed answer',
			module: 'node-http.js',
			forms: FORMS,
			parses: false,
		},
		{
			name: CEILING,
			title: 'Express 5 + body-parser raw, fixed answer',
			module: 'express-raw.js',
			forms: FORMS,
			parses: false,
		},
		{
			name: 'xml2js',
			title: 'the same + xml2js (and busboy), tree thrown away',
			module: 'xml2js-alone.js',
			forms: FORMS,
			parses: false,
		},
		...ours(dist, '', ''),
		...reference,
		{ name: 'node-soap', title: 'node-soap server', module: 'node-soap.js', forms: XML_ONLY, parses: true },
		{
			name: 'body-parser-xml',
			title: 'body-parser-xml, answer by hand',
			module: 'body-parser-xml.js',
			forms: XML_ONLY,
			parses: true,
		},
		{
			name: 'express-xml-bodyparser',
			title: 'express-xml-bodyparser, answer by hand',
			module: 'express-xml-bodyparser.js',
			forms: XML_ONLY,
			parses: true,
		},
		{
			name: 'fast-xml-parser',
			title: 'fast-xml-parser, the rest by hand',
			module: 'fast-xml-parser.js',
			forms: XML_ONLY,
			parses: true,
		},
		{ name: 'saxes', title: 'saxes, the rest by hand', module: 'saxes.js', forms: XML_ONLY, parses: true },
	];
}

/**
 * A row, and behind it the same with requests and responses that have Express's prototypes from the start.
 *
 * @param {Candidate} row
 * @returns {Candidate[]}
 */
export function withPrepared(row) {
	if (row.name === WITHOUT_EXPRESS) return [row];
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
		forms: FORMS,
		parses: true,
	}));
}
