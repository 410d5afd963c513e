import { loadProcess, serverProcess } from './processes.js';

/** @typedef {import('./candidates.js').Candidate} Candidate */
/** @typedef {import('./requests.js').Form} Form */

/**
 * One candidate under one form in one round.
 *
 * @typedef {object} Sample
 * @property {number} cpu - microseconds of the server process for each request
 * @property {number} throughput - requests in a second
 * @property {number} p50 - milliseconds
 * @property {number} p99 - milliseconds
 */

const WARM_UP_SECONDS = 60;
const WARM_UP_TURNS = 8;

/** @typedef {Map<string, Sample[]>} Samples by `sampleKey`, in the order of the rounds */

/**
 * @param {Candidate} candidate
 * @param {Form} form
 */
export function sampleKey({ name }, form) {
	return `${name} ${form}`;
}

/**
 * Measures all candidates, round by round, so that what disturbs the machine for a while disturbs all of them.
 *
 * @param {readonly Candidate[]} rows
 * @param {readonly Form[]} forms
 * @param {{ rounds: number, seconds: number, warmUp: number, connections: number, onRound: (round: number) => void }} plan
 * @returns {Promise<{ samples: Samples, memory: Map<string, number> }>} memory in bytes by candidate
 */
export async function measure(rows, forms, { rounds, seconds, warmUp, connections, onRound }) {
	const load = loadProcess();
	const servers = rows.map((candidate) => ({ candidate, ...serverProcess(), port: 0 }));
	try {
		for (const server of servers) server.port = await server.call('start', server.candidate);

		onRound(0);
		// in turns: a row that was warm long before the others would start the rounds half cold
		for (let turn = 1; turn <= WARM_UP_TURNS; turn++) {
			for (const { candidate, call, port } of servers) {
				const parts = forms.length * WARM_UP_TURNS;
				const part = { seconds: WARM_UP_SECONDS / parts, requests: Math.ceil(warmUp / parts) };
				for (const form of forms) await measureOnce(candidate, call, load.call, { port, form, connections, ...part });
			}
		}
		/** @type {Samples} */
		const samples = new Map();
		for (let round = 1; round <= rounds; round++) {
			onRound(round);
			// back and forth, so that nobody always runs behind the same neighbour
			const order = round % 2 === 0 ? servers : servers.toReversed();
			for (const form of forms) {
				for (const { candidate, call, port } of order) {
					const sample = await measureOnce(candidate, call, load.call, { port, form, seconds, connections });
					const key = sampleKey(candidate, form);
					samples.set(key, [...(samples.get(key) ?? []), sample]);
				}
			}
		}
		const memory = new Map();
		for (const { candidate, call } of servers) memory.set(candidate.name, await call('settledMemory'));
		return { samples, memory };
	} finally {
		for (const { stop } of [load, ...servers]) stop();
	}
}

/**
 * @param {Candidate} candidate
 * @param {import('./processes.js').Process['call']} server
 * @param {import('./processes.js').Process['call']} generator
 * @param {Omit<import('./load-process.js').Load, 'expectId'>} load
 * @returns {Promise<Sample>}
 */
async function measureOnce(candidate, server, generator, load) {
	const before = await server('cpu');
	/** @type {import('./load-process.js').LoadResult} */
	const { requests, seconds, p50, p99 } = await generator('run', { ...load, expectId: candidate.parses }).catch(
		(error) => {
			throw new Error(`${candidate.title}, ${load.form}: ${error.message}`);
		},
	);
	const after = await server('cpu');
	return { cpu: (after - before) / requests, throughput: requests / seconds, p50, p99 };
}
