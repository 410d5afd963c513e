import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { PROPERTIES, startReceiver } from './support/properties.js';
import { stopServers } from './support/server.js';

/** Runs of one property before the next has its turn. */
const ROUND = 500;

/** The properties of the test suite with ever new inputs: `npm run fuzz`, or `npm run fuzz -- --runs 10000`. */
async function fuzz(): Promise<void> {
	const { values } = parseArgs({ options: { runs: { type: 'string' } } });
	const wanted = values.runs === undefined ? Number.POSITIVE_INFINITY : Number(values.runs);
	if (!(wanted >= 1)) throw new TypeError(`--runs must be a number of at least 1, not ${values.runs}`);

	const receiver = await startReceiver();
	for (let done = 0; done < wanted; done += ROUND) {
		const numRuns = Math.min(ROUND, wanted - done);
		for (const [name, property] of Object.entries(PROPERTIES)) {
			await fc.assert(property(receiver), { numRuns });
			console.log(`${done + numRuns} runs: ${name}`);
		}
	}
	await stopServers();
}

fuzz().catch((error) => {
	console.error(error);
	process.exit(1);
});
