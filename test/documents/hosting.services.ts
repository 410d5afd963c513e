import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { codeIn, readMarkdown } from '../support/markdown.js';

const execute = promisify(execFile);

describe('the unit of docs/hosting.md', () => {
	const [unit = '', ...others] = codeIn(readMarkdown('docs/hosting.md'), 'ini').map(({ value }) => value);
	let folder: string;

	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'mm7-unit-'));
	});
	after(() => rm(folder, { recursive: true }));

	/** What systemd has against a unit, with the Node.js of this machine. */
	async function verify(text: string): Promise<string> {
		const file = path.join(folder, 'mm7.service');
		await writeFile(file, text.replace('/usr/bin/node', process.execPath));
		const { stderr } = await execute('systemd-analyze', ['verify', '--man=no', file]).catch(
			(error: Error & { stderr?: string }) => {
				if (error.stderr === undefined) throw error;
				return { stderr: error.stderr || error.message };
			},
		);
		// of other units of the machine, this test says nothing
		const lines = stderr.split('\n').filter((line) => line.includes('mm7.service'));
		return lines.join('\n');
	}

	it('is one, and systemd has nothing against it', async () => {
		expect(others).to.deep.equal([]);
		expect(await verify(unit)).to.equal('');
	});

	for (const [right, wrong] of [
		['ProtectHome=', 'ProtectHomes='],
		['TimeoutStopSec=15', 'TimeoutStopSec=soon'],
		['/usr/bin/node', '/usr/bin/no-such-program'],
	] as const) {
		it(`would be found to be wrong with ${wrong}`, async () => {
			expect(unit).to.include(right);
			expect(await verify(unit.replace(right, wrong))).to.include('mm7.service');
		});
	}
});
