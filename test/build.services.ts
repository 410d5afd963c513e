import { execFile } from 'node:child_process';
import { accessSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';

const ROOT = path.join(__dirname, '..');
/** What a running server may still have to load. */
const FILES = ['index.js', 'testing/index.js', 'simulator/bin.js'];

describe('npm run build', () => {
	it('never takes a file away from a running server', async () => {
		let building = true;
		const built = promisify(execFile)('npm', ['run', 'build'], { cwd: ROOT }).finally(() => {
			building = false;
		});
		while (building) {
			for (const file of FILES) accessSync(path.join(ROOT, 'dist', file));
			await turn();
		}
		await built;
	});
});
