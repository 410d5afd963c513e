import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { codeIn, readMarkdown } from '../support/markdown.js';
import { RunningSample, samples, writeSamples } from '../support/samples.js';

describe('the container file of docs/hosting.md', () => {
	const [file = ''] = codeIn(readMarkdown('docs/hosting.md'), 'dockerfile').map(({ value }) => value);

	describe('has a health check', () => {
		const [command = '', ...args] = JSON.parse(/HEALTHCHECK[^[]*CMD (\[.*\])\n/.exec(file)?.[1] ?? '[]') as string[];
		let running: RunningSample | undefined;

		afterEach(() => running?.stop());

		/** The exit code of the check, for a receiver at this port. */
		async function check(port: number | undefined): Promise<number> {
			const here = args.map((argument) => argument.replaceAll(':3000/', `:${port}/`));
			expect(here).not.to.deep.equal(args);
			const [code] = await once(spawn(command, here, { stdio: 'ignore' }), 'exit');
			return code as number;
		}

		it('that the sample with a clean end passes', async () => {
			const all = samples();
			await writeSamples(all);
			const sample = all.find(({ code }) => code.includes('SIGTERM'));
			if (!sample) throw new Error('there is no such sample');
			running = new RunningSample(sample, {});
			const { server } = await running.ready();
			expect(await check(server?.port)).to.equal(0);
		});

		it('that nobody passes who answers 500, or not at all', async () => {
			const broken = createServer((_req, res) => res.writeHead(500).end()).listen(0, '127.0.0.1');
			await once(broken, 'listening');
			const { port } = broken.address() as AddressInfo;
			expect(await check(port)).to.equal(1);
			broken.close();
			await once(broken, 'close');
			expect(await check(port)).to.equal(1);
		});
	});
});
