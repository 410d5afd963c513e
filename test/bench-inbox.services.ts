import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ROOT } from './support/markdown.js';

/** A run too short for its figures to mean anything. */
const SHORT = ['--rounds', '1', '--seconds', '0.2', '--warm-up', '0.2', '--connections', '4'];

describe('npm run bench:inbox', () => {
	it('prints ratios, throughput, latency, CPU, memory and the time of a start', async () => {
		const { stdout } = await promisify(execFile)('npm', ['run', 'bench:inbox', '--', ...SHORT], { cwd: ROOT });
		for (const name of ['basic, no database', 'inbox on SQLite', 'inbox on PostgreSQL']) {
			const rows = stdout.split('\n').filter((line) => line.startsWith(`| examples/${name} |`));
			expect(rows.map((row) => row.match(/ \d+(?:\.\d+)? (?=\|)/g)?.length)).to.deep.equal([5, 5, 2]);
		}
	});
});
