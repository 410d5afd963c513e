import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { PROPERTIES, startReceiver } from './support/properties.js';
import { stopServers } from './support/server.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Runs of one property before the next has its turn. */
const ROUND = 500;

/**
 * The properties of the test suite with ever new inputs: `npm run fuzz`, or `npm run fuzz -- --runs 10000`, or
 * `npm run fuzz -- --minutes 10`. Ends at the first input for which a property does not hold.
 */
async function fuzz(): Promise<void> {
	const { values } = parseArgs({ options: { runs: { type: 'string' }, minutes: { type: 'string' } } });
	const wanted = numberOf('runs', values.runs);
	const end = performance.now() + numberOf('minutes', values.minutes) * 60_000;

	const receiver = await startReceiver();
	const { figures } = receiver;
	process.on('uncaughtExceptionMonitor', () => figures.uncaught++);
	for (let done = 0; done < wanted && performance.now() < end; done += ROUND) {
		const numRuns = Math.min(ROUND, wanted - done);
		for (const [name, property] of Object.entries(PROPERTIES)) {
			await fc.assert(property(receiver), { numRuns });
			console.log(`${done + numRuns} runs: ${name}`);
		}
		console.log(`${figures}; ${memory()}`);
	}
	await stopServers();
}

function numberOf(name: string, value: string | undefined): number {
	if (value === undefined) return Number.POSITIVE_INFINITY;
	if (!(Number(value) > 0)) throw new TypeError(`--${name} must be a number above 0, not ${value}`);
	return Number(value);
}

/** What is still held when all that can be thrown away is thrown away. */
function memory(): string {
	collectGarbage();
	const { heapUsed, external, rss } = process.memoryUsage();
	const [held, resident] = [heapUsed + external, rss].map((bytes) => Math.round(bytes / 1024 / 1024));
	return `${held} MB held, ${resident} MB resident`;
}

fuzz().catch((error) => {
	console.error(error);
	process.exit(1);
});
