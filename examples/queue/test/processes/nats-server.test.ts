import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { findNatsServer } from '../../processes/nats-server.js';

describe('findNatsServer', () => {
	let directory: string;
	let program: string;

	beforeEach(async () => {
		directory = await mkdtemp(path.join(tmpdir(), 'mm7-find-'));
		program = path.join(directory, 'nats-server');
	});

	afterEach(() => rm(directory, { recursive: true }));

	it('finds the program in the first directory that has it', async () => {
		await writeFile(program, '');
		await chmod(program, 0o755);

		expect(findNatsServer(['/nonexistent', directory, '/usr/sbin'])).to.equal(program);
	});

	it('names the Debian package where there is none', () => {
		expect(() => findNatsServer([directory])).to.throw(Error, 'sudo apt-get install nats-server');
	});

	it('passes over a file that cannot be executed', async () => {
		await writeFile(program, '', { mode: 0o644 });

		expect(() => findNatsServer([directory])).to.throw(Error, 'NATS_URL');
	});
});
