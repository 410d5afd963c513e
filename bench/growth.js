/** `npm run bench:growth`: shows that no shape of request costs more than its size, and fails where one does. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { costOf } from './growth/cost.js';
import { exponentOf } from './growth/fit.js';
import { OPTIONS, SHAPES } from './growth/shapes.js';
import { table } from './http/tables.js';

/** @typedef {import('./growth/shapes.js').Shape} Shape */

const STEPS = [1, 2, 4, 8];
/** An exponent above this is no noise any more: three doublings of something quadratic show 2. */
const HIGHEST_EXPONENT = 1.35;
/** Milliseconds that the largest must take for its exponent to count; below, constant costs and noise rule. */
const WORTH_JUDGING = 2;
/** A suspect is measured again, and its least costs count: a real curve stays, noise does not. */
const ATTEMPTS = 4;

const { values } = parseArgs({ options: { only: { type: 'string', default: '' } } });

const dist = join(import.meta.dirname, '..', 'dist', 'index.js');
/** @type {{ parseDeliveryReport: (body: Buffer, headers: object, options: object) => Promise<unknown> }} */
const { parseDeliveryReport } = await import(pathToFileURL(dist).href);

const shapes = SHAPES.filter(({ name }) => name.includes(values.only));
const rows = [];
let curved = 0;
for (const shape of shapes) {
	const { points, exponent } = await growthOf(shape);
	const largest = points.at(-1)?.cost ?? 0;
	const judged = largest > WORTH_JUDGING;
	if (judged && exponent > HIGHEST_EXPONENT) curved++;
	rows.push([
		shape.name,
		`${shape.size} to ${shape.size * 8} ${shape.unit}`,
		...points.map(({ cost }) => cost.toFixed(2)),
		exponent.toFixed(2),
		judged ? (exponent > HIGHEST_EXPONENT ? 'CURVED' : 'linear') : 'small',
	]);
}

console.log('CPU of parseDeliveryReport in ms, for n, 2n, 4n and 8n\n');
console.log(table(['shape', 'sizes', 'n', '2n', '4n', '8n', 'exponent', 'verdict'], rows));
console.log(
	`\n${curved} of ${shapes.length} shapes grow faster than their size ` +
		`(exponent above ${HIGHEST_EXPONENT}, where the largest takes more than ${WORTH_JUDGING} ms)`,
);
process.exitCode = curved === 0 && shapes.length > 0 ? 0 : 1;

/** @param {Shape} shape */
async function growthOf(shape) {
	const inputs = STEPS.map((step) => ({ size: shape.size * step, ...shape.input(shape.size * step) }));
	const points = inputs.map(({ size }) => ({ size, cost: Number.POSITIVE_INFINITY }));
	let exponent = Number.POSITIVE_INFINITY;
	for (let attempt = 0; attempt < ATTEMPTS && exponent > HIGHEST_EXPONENT; attempt++) {
		// the largest first: the small ones would be measured before they are compiled
		for (const [i, { body, headers = {} }] of [...inputs.entries()].reverse()) {
			const point = /** @type {typeof points[number]} */ (points[i]);
			point.cost = Math.min(point.cost, await costOf(() => parse(shape, body, headers)));
		}
		exponent = exponentOf(points);
	}
	return { points, exponent };
}

/**
 * Parses, and sees to it that the shape got as far as it shall: one that is refused at the door shows nothing.
 *
 * @param {Shape} shape
 * @param {Buffer} body
 * @param {object} headers
 */
async function parse({ name, outcome }, body, headers) {
	const got = await parseDeliveryReport(body, headers, OPTIONS).then(
		() => 'report',
		(error) => error.code,
	);
	if (got !== outcome) throw new Error(`"${name}" gave ${got}, not ${outcome}`);
}
