import fc from 'fast-check';
import { PROPERTIES, type Receiver, startReceiver } from './support/properties.js';
import { stopServers } from './support/server.js';

/** Each property with that many inputs; `npm run fuzz` goes on without end. */
const RUNS = 200;

describe('for any input', () => {
	let receiver: Receiver;

	before(async () => {
		receiver = await startReceiver();
	});
	after(stopServers);

	for (const [name, property] of Object.entries(PROPERTIES)) {
		it(name, async () => {
			await fc.assert(property(receiver), { numRuns: RUNS });
		}).timeout(60_000);
	}
});
