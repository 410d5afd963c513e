import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'chai';
import { codeIn, readMarkdown } from '../support/markdown.js';
import { RunningSample, samples, writeSamples } from '../support/samples.js';
import { listen, stopServers } from '../support/server.js';

describe('the health check of the container file in docs/hosting.md', () => {
	const [file = ''] = codeIn(readMarkdown('docs/hosting.md'), 'dockerfile').map(({ value }) => value);
	const [command = '', ...args] = JSON.parse(/HEALTHCHECK[^[]*CMD (\[.*\])\n/.exec(file)?.[1] ?? '[]') as string[];

	/** Runs the check against a receiver on this port and returns its exit code. */
	async function check(port: number | undefined): Promise<number> {
		const here = args.map((argument) => argument.replaceAll(':3000/', `:${port}/`));
		expect(here).not.to.deep.equal(args);
		const [code] = await once(spawn(command, here, { stdio: 'ignore' }), 'exit');
		return code as number;
	}

	it('passes for the sample with a graceful shutdown', async () => {
		const all = samples();
		await writeSamples(all);
		const sample = all.find(({ code }) => code.includes('SIGTERM'));
		if (!sample) throw new Error('there is no such sample');
		const running = new RunningSample(sample, {});
		const { server } = await running.ready();
		expect(await check(server?.port)).to.equal(0);
		await running.stop();
	});

	it('fails for a server that responds with 500 or not at all', async () => {
		const { port } = await listen((_req, res) => res.writeHead(500).end());
		expect(await check(port)).to.equal(1);
		await stopServers();
		expect(await check(port)).to.equal(1);
	});
});
