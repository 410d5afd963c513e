import { expect } from 'chai';
import { stopServers } from '../support/server.js';
import { Driver } from './driver.js';
import { Receiver } from './receiver.js';
import { applies, observe, SITUATIONS } from './situations.js';
import { missingPackages, STACKS, type Stack } from './stacks.js';
import { columnOf, documentedColumns, inWords, writeTables } from './tables.js';

/** Whether `npm run interop` runs this, which writes docs/interop.md instead of comparing with it. */
const WRITE = process.env['npm_lifecycle_event'] === 'interop';

describe('a report from a SOAP stack', () => {
	const all = new Map<Stack, Map<string, string>>();

	for (const [index, stack] of STACKS.entries()) {
		describe(stack.name, () => {
			const conclusions = new Map<string, string>();
			let driver: Driver | undefined;
			let receiver: Receiver;

			before(async function () {
				const missing = missingPackages(stack);
				if (missing.length > 0) {
					const remedy = `${stack.name} is not installed: apt-get install ${missing.join(' ')}`;
					if (WRITE || process.env['CI']) throw new Error(remedy);
					console.log(`      ${remedy}`);
					this.skip();
				}
				driver = await Driver.start(stack);
				receiver = await Receiver.start();
				all.set(stack, conclusions);
			});

			after(async () => {
				await driver?.end();
				await stopServers();
			});

			for (const situation of SITUATIONS.filter((situation) => applies(situation, stack))) {
				it(situation.name, async () => {
					const observation = await observe(driver as Driver, receiver, stack, situation);
					conclusions.set(situation.name, inWords(observation));
					situation.check(observation, stack);
				});
			}

			if (WRITE) return;
			it('has the conclusions in docs/interop.md', () => {
				expect(documentedColumns()[index + 1]).to.deep.equal(columnOf(stack, conclusions));
			});
		});
	}

	it('is in every documented situation', () => {
		if (WRITE) writeTables(all);
		expect(documentedColumns()[0]).to.deep.equal(SITUATIONS.map(({ name }) => name.replaceAll('`', '')));
	});
});
