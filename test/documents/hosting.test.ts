import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { DockerfileParser } from 'dockerfile-ast';
import { validate } from 'dockerfile-utils';
import { codeIn, readMarkdown } from '../support/markdown.js';
import { RunningSample, samples, writeSamples } from '../support/samples.js';

describe('the container file of docs/hosting.md', () => {
	const [file = '', ...others] = codeIn(readMarkdown('docs/hosting.md'), 'dockerfile').map(({ value }) => value);
	const dockerfile = DockerfileParser.parse(file);
	const stages = dockerfile.getFROMs();

	it('is one, and has no error and no warning', () => {
		expect(others).to.deep.equal([]);
		expect(validate(file).map(({ message }) => message)).to.deep.equal([]);
	});

	it('would be found to be wrong', () => {
		expect(validate(file.replace('WORKDIR', 'WORKDIRECTORY'))).not.to.deep.equal([]);
		expect(validate(file.replace('EXPOSE 3000', 'EXPOSE mm7'))).not.to.deep.equal([]);
		expect(validate(file.replace('--start-period=10s', '--start-period=ten'))).not.to.deep.equal([]);
	});

	it('copies the last stage from the first, and runs it as another user than root', () => {
		expect(stages.map((from) => from.getBuildStage())).to.deep.equal(['build', null]);
		const start = stages[1]?.getRange().start.line ?? 0;
		const last = dockerfile.getInstructions().filter((instruction) => instruction.getRange().start.line > start);
		const linesOf = (keyword: string) =>
			last.filter((instruction) => instruction.getKeyword() === keyword).map((line) => line.getTextContent());
		expect(linesOf('COPY')).not.to.deep.equal([]);
		for (const copy of linesOf('COPY')) expect(copy).to.match(/^COPY --from=build \/app\//);
		expect(linesOf('USER')).to.deep.equal(['USER node']);
	});

	it('starts Node.js without a shell, so that a signal reaches it', () => {
		expect(JSON.parse(dockerfile.getCMDs()[0]?.getArgumentsContent() ?? '')).to.deep.equal(['node', 'dist/server.js']);
	});

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
