/** Something that must hold. Rejects where it does not; a text that it resolves to is printed behind its title. */
export interface Check {
	readonly title: string;
	run(): Promise<unknown>;
}

/** Checks under one heading. */
export interface Group {
	readonly title: string;
	readonly checks: readonly Check[];
}

/**
 * Starts all checks, prints each outcome in the order of the groups, and a summary.
 *
 * @returns how many failed
 */
export async function report(groups: readonly Group[]): Promise<number> {
	const start = performance.now();
	const running = groups.map(({ title, checks }) => ({
		title,
		outcomes: checks.map((check) => ({ title: check.title, outcome: outcomeOf(check) })),
	}));
	let passed = 0;
	let failed = 0;
	for (const group of running) {
		console.log(`\n${group.title}`);
		for (const { title, outcome } of group.outcomes) {
			const { error, detail } = await outcome;
			if (error === undefined) passed++;
			else failed++;
			console.log(`  ${error === undefined ? '✔' : '✖'} ${title}${detail ? `: ${detail}` : ''}`);
			if (error !== undefined) console.log(indented(error));
		}
	}
	const seconds = ((performance.now() - start) / 1000).toFixed(0);
	console.log(`\n${failed === 0 ? '✔' : '✖'} ${passed} checks passed, ${failed} failed, in ${seconds} s`);
	return failed;
}

interface Outcome {
	readonly detail?: string;
	readonly error?: string;
}

async function outcomeOf(check: Check): Promise<Outcome> {
	try {
		const detail = await check.run();
		return { detail: typeof detail === 'string' ? detail : '' };
	} catch (error) {
		return { error: error instanceof Error ? error.message : String(error) };
	}
}

function indented(text: string): string {
	return text.trimEnd().replace(/^/gm, '      ');
}
