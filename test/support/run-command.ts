import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { main } from '../../lib/provider/cli.js';

/** Runs the program `mm7-delivery-reports` in this process. */
export async function runCommand(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
	const [stdout, stderr] = [new PassThrough(), new PassThrough()];
	const code = await main(args, { stdout, stderr, interrupted: new AbortController().signal });
	return { code, stdout: await text(stdout.end()), stderr: await text(stderr.end()) };
}
