import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect } from 'chai';

const INBOX = path.join(__dirname, '..');

describe('npm start', () => {
	let dataDir: string;
	before(async () => {
		dataDir = await mkdtemp(path.join(tmpdir(), 'inbox-npm-'));
	});
	after(() => rm(dataDir, { recursive: true }));

	for (const [place, cwd] of [
		['in the root', path.join(INBOX, '..')],
		['in its own folder', INBOX],
	] as const) {
		it(`${place} passes SIGTERM on to the inbox, which stops cleanly`, async () => {
			const npm = spawn('npm', ['start'], {
				cwd,
				env: { ...process.env, PORT: '0', DATA_DIR: dataDir },
				stdio: ['ignore', 'pipe', 'inherit'],
			});
			const closed = once(npm, 'close');
			const lines: string[] = [];
			for await (const line of createInterface(npm.stdout)) {
				lines.push(line);
				if (line.includes('"waiting for reports"')) npm.kill('SIGTERM');
			}
			expect(await closed).to.deep.equal([0, null]);
			expect(lines.at(-1)).to.include('"complete":true,"msg":"stopped"');
		});
	}
});
