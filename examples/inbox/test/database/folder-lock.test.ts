import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { lockFolder } from '../../database/folder-lock.js';

describe('lockFolder', () => {
	let folder: string;
	beforeEach(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-lock-'));
	});
	afterEach(() => rm(folder, { recursive: true }));

	async function refusal(): Promise<unknown> {
		return lockFolder(folder).catch((error: unknown) => error);
	}

	it('takes a folder for one, until he lets go', async () => {
		const unlock = await lockFolder(folder);
		expect(await refusal())
			.to.be.an('error')
			.with.property('message', `Another process is using the data in ${folder}`);
		await unlock();
		await (await lockFolder(folder))();
	});

	it('finds a folder free whose process was killed', async function () {
		this.timeout(30_000);
		const child = fork(path.join(__dirname, 'lock-holder.ts'), [folder], { execArgv: ['--import', 'tsx'] });
		await once(child, 'message');
		expect(await refusal()).to.be.an('error');
		child.kill('SIGKILL');
		await once(child, 'exit');
		await (await lockFolder(folder))();
	});
});
