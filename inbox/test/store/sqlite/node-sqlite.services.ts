import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect } from 'chai';

const ROOT = path.join(__dirname, '..', '..', '..', '..');
const MOCHA = require.resolve('mocha/bin/mocha.js');
const TESTS = [
	'sqlite/sqlite.test.ts',
	'report-repository.test.ts',
	'refusal-repository.test.ts',
	'read/page-queries.test.ts',
];

describe('the embedded database on node:sqlite', () => {
	it('passes the same tests', async () => {
		const mocha = [MOCHA, '--no-config', '--node-option', 'import=tsx', '--timeout', '60000', '--reporter', 'dot'];
		const tests = TESTS.map((name) => path.join(__dirname, '..', name));
		expect(await runNode('-p', `typeof process.getBuiltinModule('node:sqlite')`)).to.equal('object\n');
		expect(await runNode(...mocha, ...tests)).to.match(/\d\d passing/);
	});
});

/** Runs a Node.js that has `node:sqlite` and returns its output. */
async function runNode(...args: string[]): Promise<string> {
	const command = ['-y', '-p', 'node@24', 'node', ...args];
	const { error, stdout } = await new Promise<{ error: Error | null; stdout: string }>((resolve) => {
		execFile('npx', command, { cwd: ROOT }, (error, stdout) => resolve({ error, stdout }));
	});
	expect(error, stdout).to.equal(null);
	return stdout;
}
