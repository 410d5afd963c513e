/** `npm run bench:growth`: fails if the cost of a shape of request grows faster than its size. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { OPTIONS, SHAPES } from './growth/shapes.js';
import { table } from './tables.js';

/** @typedef {import('./growth/shapes.js').Shape} Shape */

const STEPS = [1, 2, 4, 8];
/** Above this, an exponent is not noise: three doublings of something quadratic show 2. */
const MAX_EXPONENT = 1.35;
/** The exponent counts only if the largest size takes longer than this; below it, constant costs and noise dominate. */
const MIN_COST_MS = 2;
/** A suspect is measured again, and its lowest costs count: unlike noise, real growth remains. */
const MAX_ATTEMPTS = 4;
/** Each size of a shape is measured until its runs have taken this long in total. */
const MIN_MEASURED_MS = 25;
const MIN_RUNS = 4;
const MAX_RUNS = 200;

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
	const judged = largest > MIN_COST_MS;
	if (judged && exponent > MAX_EXPONENT) curved++;
	rows.push([
		shape.name,
		`${shape.size} to ${shape.size * 8} ${shape.unit}`,
		...points.map(({ cost }) => cost.toFixed(2)),
		exponent.toFixed(2),
		judged ? (exponent > MAX_EXPONENT ? 'CURVED' : 'linear') : 'small',
	]);
}

console.log('CPU of parseDeliveryReport in ms, for n, 2n, 4n and 8n\n');
console.log(table(['shape', 'sizes', 'n', '2n', '4n', '8n', 'exponent', 'verdict'], rows));
console.log(
	`\n${curved} of ${shapes.length} shapes grow faster than their size ` +
		`(exponent above ${MAX_EXPONENT}, if the largest takes more than ${MIN_COST_MS} ms)`,
);
process.exitCode = curved === 0 && shapes.length > 0 ? 0 : 1;

/** @param {Shape} shape */
async function growthOf(shape) {
	const inputs = STEPS.map((step) => ({ size: shape.size * step, ...shape.input(shape.size * step) }));
	const points = inputs.map(({ size }) => ({ size, cost: Number.POSITIVE_INFINITY }));
	let exponent = Number.POSITIVE_INFINITY;
	for (let attempt = 0; attempt < MAX_ATTEMPTS && exponent > MAX_EXPONENT; attempt++) {
		// the largest first: otherwise the small ones are measured before the code is compiled
		for (const [i, { body, headers = {} }] of [...inputs.entries()].reverse()) {
			const point = /** @type {typeof points[number]} */ (points[i]);
			point.cost = Math.min(point.cost, await costOf(() => parse(shape, body, headers)));
		}
		exponent = exponentOf(points);
	}
	return { points, exponent };
}

/**
 * Parses a request and checks the outcome, since a shape that is rejected early proves nothing.
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

/**
 * Milliseconds of CPU of one call: the lowest of several, because every disturbance only adds. All threads of the
 * process count, and so does garbage collection.
 *
 * @param {() => Promise<void>} call
 */
async function costOf(call) {
	let lowest = Number.POSITIVE_INFINITY;
	let total = 0;
	for (let run = 0; run < MAX_RUNS && (run < MIN_RUNS || total < MIN_MEASURED_MS); run++) {
		const before = process.cpuUsage();
		await call();
		const { user, system } = process.cpuUsage(before);
		const cost = (user + system) / 1000;
		lowest = Math.min(lowest, cost);
		total += cost;
	}
	return lowest;
}

/**
 * The slope of the regression line on two logarithmic axes: 1 is linear, 2 quadratic. Constant costs lower it.
 *
 * @param {readonly { size: number, cost: number }[]} points
 */
function exponentOf(points) {
	const xs = points.map(({ size }) => Math.log(size));
	const ys = points.map(({ cost }) => Math.log(cost));
	const x = mean(xs);
	const y = mean(ys);
	const covariance = xs.reduce((sum, value, i) => sum + (value - x) * ((ys[i] ?? y) - y), 0);
	return covariance / xs.reduce((sum, value) => sum + (value - x) ** 2, 0);
}

/** @param {readonly number[]} values */
function mean(values) {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}
