import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';

const UNIT = 'mm7-inbox.service';

describe('the systemd unit', () => {
	let folder: string;
	let file: string;

	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'mm7-unit-'));
		file = path.join(folder, UNIT);
		// systemd looks for the program
		const unit = await readFile(path.join(__dirname, '..', UNIT), 'utf8');
		await writeFile(file, unit.replace('ExecStart=mm7-inbox', `ExecStart=${process.execPath}`));
	});
	after(() => rm(folder, { recursive: true }));

	it('is valid', async () => {
		const { stderr } = await promisify(execFile)('systemd-analyze', ['verify', '--man=no', file]);
		// other units of this machine may have problems
		expect(stderr.split('\n').filter((line) => line.includes(UNIT))).to.deep.equal([]);
	});

	it('leaves little to an attacker', async () => {
		const { stdout } = await promisify(execFile)('systemd-analyze', ['security', '--offline=true', file]);
		expect(stdout).to.match(/Overall exposure level for mm7-inbox\.service: [0-2]\.\d/);
	});
});
