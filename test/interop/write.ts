import { stopServers } from '../support/server.js';
import { writeTables } from './document.js';
import { Driver } from './driver.js';
import { missingPackages, stackVersion } from './packages.js';
import { Receiver } from './receiver.js';
import { concerns, observe, SITUATIONS } from './situations.js';
import { STACKS, type Stack } from './stacks.js';
import { conclusionTable, stackTable, verdict } from './table.js';

/** `npm run interop`: lets all stacks send, and writes what they concluded into docs/interop.md. */
async function run(): Promise<void> {
	const missing = STACKS.flatMap(missingPackages);
	if (missing.length > 0) throw new Error(`apt-get install ${[...new Set(missing)].join(' ')}`);
	const verdicts = new Map<Stack, Map<string, string>>();
	for (const stack of STACKS) {
		console.log(stack.name);
		verdicts.set(stack, await verdictsOf(stack));
	}
	writeTables(stackTable(STACKS, stackVersion), conclusionTable(verdicts));
}

async function verdictsOf(stack: Stack): Promise<Map<string, string>> {
	const driver = await Driver.start(stack);
	const receiver = await Receiver.start();
	const verdicts = new Map<string, string>();
	for (const situation of SITUATIONS.filter((situation) => concerns(situation, stack))) {
		verdicts.set(situation.name, verdict(await observe(driver, receiver, stack, situation)));
	}
	await driver.end();
	await stopServers();
	return verdicts;
}

void run();
