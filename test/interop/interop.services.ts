import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { ROOT } from '../support/markdown.js';
import { stopServers } from '../support/server.js';
import { documentedColumns } from './document.js';
import { Driver } from './driver.js';
import { missingPackages } from './packages.js';
import { Receiver } from './receiver.js';
import { concerns, observe, SITUATIONS } from './situations.js';
import { STACKS } from './stacks.js';
import { columnOf, verdict } from './table.js';

describe('a report from a SOAP stack', () => {
	for (const [index, stack] of STACKS.entries()) {
		describe(stack.name, () => {
			const verdicts = new Map<string, string>();
			let driver: Driver | undefined;
			let receiver: Receiver;

			before(async function () {
				const missing = missingPackages(stack);
				if (missing.length > 0) {
					const remedy = `${stack.name} is not here: apt-get install ${missing.join(' ')}`;
					if (process.env['CI']) throw new Error(remedy);
					console.log(`      ${remedy}`);
					this.skip();
				}
				driver = await Driver.start(stack);
				receiver = await Receiver.start();
			});

			after(async () => {
				await driver?.end();
				await stopServers();
			});

			for (const situation of SITUATIONS.filter((situation) => concerns(situation, stack))) {
				it(situation.name, async () => {
					const observation = await observe(driver as Driver, receiver, stack, situation);
					verdicts.set(situation.name, verdict(observation));
					situation.check(observation, stack);
				});
			}

			it('has concluded what docs/interop.md says', () => {
				expect(documentedColumns()[index + 1]).to.deep.equal(columnOf(stack, verdicts));
			});
		});
	}

	for (const { name, packages } of STACKS) {
		it(`has the packages of ${name} installed by .ci/run`, () => {
			const words = readFileSync(path.join(ROOT, '.ci', 'run'), 'utf8').split(/[\s()]+/);
			expect(words).to.include.members([...packages]);
		});
	}

	it('is in each situation that docs/interop.md tells of', () => {
		const names = SITUATIONS.map(({ name }) => name.replaceAll('`', ''));
		expect(documentedColumns()[0]).to.deep.equal(names);
	});
});
