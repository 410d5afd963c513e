/** `npm run bench`: what one report costs, in three forms, beside what a user could take instead. */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { candidates } from './http/candidates.js';
import { measure } from './http/measure.js';
import { PINNED } from './http/processes.js';
import { REPORT_BYTES } from './http/requests.js';
import { tables } from './http/tables.js';

const USAGE = `npm run bench -- [options]
  --seconds <n>      load for each row, form and round (default 1)
  --rounds <n>       rounds that count, after one that does not (default 5)
  --connections <n>  keep-alive connections, each with one request at a time (default 12)
  --only <names>     these rows alone, by name, separated by commas
  --against <dist>   another build of this package as rows of its own; a folder inside the repository`;

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '1' },
		rounds: { type: 'string', default: '5' },
		connections: { type: 'string', default: '12' },
		only: { type: 'string' },
		against: { type: 'string' },
		help: { type: 'boolean', short: 'h', default: false },
	},
});

if (values.help) console.log(USAGE);
else await run();

async function run() {
	const all = candidates(build(join(import.meta.dirname, '..', 'dist')), values.against && build(values.against));
	const rows = chosen(all, values.only);
	const seconds = positive('seconds');
	const rounds = positive('rounds');
	const connections = positive('connections');

	console.log(`Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, report of ${REPORT_BYTES} bytes`);
	console.log(`${rounds} rounds of ${seconds} s for each row and form, ${connections} keep-alive connections`);
	console.log(
		PINNED
			? 'server and load generator are pinned to a CPU each'
			: 'UNPINNED: no second CPU or no taskset here; server and load generator may disturb each other',
	);
	const { samples, memory } = await measure(rows, {
		rounds,
		seconds,
		connections,
		onRound: (round) => console.log(round === 0 ? 'warming up' : `round ${round} of ${rounds}`),
	});
	console.log(`\n${tables(rows, samples, memory)}`);
}

/** @param {string} folder */
function build(folder) {
	if (!existsSync(join(folder, 'index.js'))) throw new Error(`there is no build in ${folder}`);
	return resolve(folder);
}

/**
 * @param {import('./http/candidates.js').Candidate[]} all
 * @param {string | undefined} only
 */
function chosen(all, only) {
	if (only === undefined) return all;
	const names = only.split(',').map((name) => name.trim());
	const unknown = names.find((name) => !all.some((row) => row.name === name));
	if (unknown !== undefined) {
		throw new Error(`--only ${unknown}: known are ${all.map(({ name }) => name).join(', ')}`);
	}
	return all.filter(({ name }) => names.includes(name));
}

/** @param {'seconds' | 'rounds' | 'connections'} option */
function positive(option) {
	const number = Number(values[option]);
	if (!(number > 0)) throw new Error(`--${option} must be a number above 0`);
	return number;
}
