import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describeSeveralProcesses } from './several-processes.suite.js';

describe('registrations and reports in several processes on one SQLite file', () => {
	let folder: string | undefined;

	describeSeveralProcesses(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-processes-'));
		return { DATA_DIR: folder };
	});
	after(() => folder && rm(folder, { recursive: true, force: true }));
});
