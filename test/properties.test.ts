import fc from 'fast-check';
import { PROPERTIES, type Receiver, startReceiver } from './support/properties.js';
import { stopServers } from './support/server.js';

/** Each property with that many inputs; `npm run fuzz` goes on without end. */
const RUNS = 200;
/** Milliseconds after which a failure is told as far as it was made smaller. */
const LONGEST_RUN = 30_000;

describe('for any input', () => {
	let receiver: Receiver;

	before(async () => {
		receiver = await startReceiver();
	});
	after(stopServers);

	for (const [name, property] of Object.entries(PROPERTIES)) {
		it(name, async () => {
			await fc.assert(property(receiver), { numRuns: RUNS, interruptAfterTimeLimit: LONGEST_RUN });
		}).timeout(2 * LONGEST_RUN);
	}
});
