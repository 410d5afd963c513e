/** `npm run bench`: the cost of one report, in three forms, next to the parsers alone. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { candidates, withPrepared } from './http/candidates.js';
import { measure } from './http/measure.js';
import { PINNED } from './http/processes.js';
import { FORMS, REPORT_BYTES } from './http/requests.js';
import { tables } from './http/tables.js';

const USAGE = `npm run bench -- [options]
  --seconds <n>      load for each row, form and round (default 0.25)
  --rounds <n>       rounds, after a warm-up that does not count (default 16)
  --warm-up <n>      requests of each row before they count, in at most 60 s (default 60000)
  --connections <n>  keep-alive connections, each with one request at a time (default 12)
  --only <names>     these rows alone, by name, separated by commas
  --forms <forms>    of xml, bare, multipart, separated by commas (default all)
  --against <dist>   another build of this package as rows of its own; a folder inside the repository
  --prepared         each row on Express once more, with its prototypes set beforehand (docs/hosting.md)`;

const { values } = parseArgs({
	options: {
		seconds: { type: 'string', default: '0.25' },
		rounds: { type: 'string', default: '16' },
		'warm-up': { type: 'string', default: '60000' },
		connections: { type: 'string', default: '12' },
		only: { type: 'string' },
		forms: { type: 'string', default: FORMS.join() },
		against: { type: 'string' },
		prepared: { type: 'boolean', default: false },
		help: { type: 'boolean', short: 'h', default: false },
	},
});

if (values.help) console.log(USAGE);
else await run();

async function run() {
	const all = candidates(build(join(import.meta.dirname, '..', 'dist')), values.against && build(values.against));
	const only = chosen('only', values.only, all, ({ name }) => name);
	const rows = values.prepared ? only.flatMap(withPrepared) : only;
	const forms = chosen('forms', values.forms, FORMS, (form) => form);
	const seconds = positive('seconds');
	const rounds = positive('rounds');
	const warmUp = positive('warm-up');
	const connections = positive('connections');

	console.log(`Node.js ${process.version}, ${cpus().length} × ${cpus()[0]?.model}, report of ${REPORT_BYTES} bytes`);
	const require = createRequire(import.meta.url);
	const packages = ['express', 'body-parser', 'busboy', 'xml2js'];
	console.log(packages.map((name) => `${name} ${require(`${name}/package.json`).version}`).join(', '));
	console.log(`${rounds} rounds of ${seconds} s for each row and form, ${connections} keep-alive connections`);
	console.log(
		PINNED
			? 'server and load generator are pinned to a CPU each'
			: 'UNPINNED: no second CPU or no taskset here; server and load generator may disturb each other',
	);
	const { samples, memory } = await measure(rows, forms, {
		rounds,
		seconds,
		warmUp,
		connections,
		onRound: (round) => console.log(round === 0 ? 'warming up' : `round ${round} of ${rounds}`),
	});
	console.log(`\n${tables(rows, forms, samples, memory)}`);
}

/** @param {string} folder */
function build(folder) {
	if (!existsSync(join(folder, 'index.js'))) throw new Error(`there is no build in ${folder}`);
	return resolve(folder);
}

/**
 * @template T
 * @param {string} option
 * @param {string | undefined} list - names, separated by commas; all where it is absent
 * @param {readonly T[]} all
 * @param {(item: T) => string} nameOf
 */
function chosen(option, list, all, nameOf) {
	if (list === undefined) return all;
	const names = list.split(',').map((name) => name.trim());
	const unknown = names.find((name) => !all.some((item) => nameOf(item) === name));
	if (unknown !== undefined) throw new Error(`--${option} ${unknown}: known are ${all.map(nameOf).join(', ')}`);
	return all.filter((item) => names.includes(nameOf(item)));
}

/** @param {'seconds' | 'rounds' | 'warm-up' | 'connections'} option */
function positive(option) {
	const number = Number(values[option]);
	if (!(number > 0)) throw new Error(`--${option} must be a number above 0`);
	return number;
}
