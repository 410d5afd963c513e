import { readFileSync } from 'node:fs';
import path from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { node } from './command.js';
import type { Group } from './report.js';
import { ROOT, type Tarball } from './tarball.js';

/** What publint and are-the-types-wrong say; nothing that they say is passed over. */
export function linters(tarball: Tarball): Group {
	return {
		title: 'Linters of packages',
		checks: [
			{ title: 'publint, suggestions included', run: () => runPublint(tarball) },
			{ title: 'are-the-types-wrong, old and new resolution', run: () => runAttw(tarball, ROOT) },
		],
	};
}

async function runPublint({ file, manifest }: Tarball): Promise<void> {
	const bytes = readFileSync(file);
	const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
	const { messages } = await publint({ pack: { tarball } });
	const texts = messages.map((message) => formatMessage(message, { ...manifest }) ?? message.code);
	if (texts.length > 0) throw new Error(texts.join('\n'));
}

async function runAttw({ file }: Tarball, cwd: string): Promise<void> {
	// the folder of the tarball has no .attw.json that could ignore a rule
	const bin = path.join(cwd, 'node_modules/@arethetypeswrong/cli/dist/index.js');
	await node([bin, file, '--profile', 'strict', '--format', 'ascii'], { cwd: path.dirname(file) });
}
