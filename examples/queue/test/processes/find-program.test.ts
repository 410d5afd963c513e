import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { findProgram } from '../../processes/find-program.js';

describe('findProgram', () => {
	let folder: string;
	let program: string;

	beforeEach(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'mm7-find-'));
		program = path.join(folder, 'rabbitmq-server');
	});

	afterEach(() => rm(folder, { recursive: true }));

	it('finds the program in the first folder that has it', async () => {
		await writeFile(program, '');
		await chmod(program, 0o755);

		expect(findProgram('rabbitmq-server', ['/nonexistent', folder, '/usr/sbin'])).to.equal(program);
	});

	it('names in one line the Debian package where there is none', () => {
		expect(() => findProgram('setpriv', [folder])).to.throw(
			Error,
			/^setpriv was not found: .*apt-get install util-linux.*$/,
		);
	});

	it('passes over a file that cannot be executed', async () => {
		await writeFile(program, '', { mode: 0o644 });

		expect(() => findProgram('rabbitmq-server', [folder])).to.throw(Error, 'RABBITMQ_URL');
	});
});
