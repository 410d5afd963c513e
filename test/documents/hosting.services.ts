import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { codeIn, readMarkdown } from '../support/markdown.js';

describe('the systemd unit of docs/hosting.md', () => {
	const [unit = ''] = codeIn(readMarkdown('docs/hosting.md'), 'ini').map(({ value }) => value);
	let folder: string;

	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'mm7-unit-'));
	});
	after(() => rm(folder, { recursive: true }));

	/** Problems that systemd finds in a unit, with the Node.js of this machine. */
	async function problemsIn(text: string): Promise<string[]> {
		const file = path.join(folder, 'mm7.service');
		await writeFile(file, text.replace('/usr/bin/node', process.execPath));
		const verify = promisify(execFile)('systemd-analyze', ['verify', '--man=no', file]);
		const { stderr } = await verify.catch((error: Error & { stderr: string }) => ({
			stderr: error.stderr || error.message,
		}));
		// it also reports other units of the machine
		return stderr.split('\n').filter((line) => line.includes('mm7.service'));
	}

	it('is accepted by systemd', async () => {
		expect(await problemsIn(unit)).to.deep.equal([]);
		expect(await problemsIn(unit.replace('ProtectHome=', 'ProtectHomes='))).not.to.deep.equal([]);
	});
});
