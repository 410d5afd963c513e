import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect } from 'chai';
import { deliveryReportRequest, judgeAsSinch } from 'mm7-delivery-reports/testing';
import { listen } from '../processes/listen.js';
import { eventually } from './support/eventually.js';
import { Example } from './support/example.js';
import { type ReportFields, reportFields } from './support/report-fields.js';

describe('npm start of examples/queue', function () {
	this.timeout(120_000);
	let example: Example;

	afterEach(async function () {
		if (this.currentTest?.state === 'failed') console.error(example?.lines.slice(-40).join('\n'));
		await example?.remove();
	});

	it('takes a report to the page, without PostgreSQL too, and stops in order with nothing left', async () => {
		example = await Example.start();

		expect(await post(reportFields(1))).to.equal('accepted');

		await eventually('the report on the page', async () => (await example.page()).includes(reportFields(1).messageId));
		const status = await example.run('status');
		expect(status)
			.to.match(/workers\D+2 /)
			.and.match(/messages delivered\D+1 /)
			.and.match(/dead letters\D+0 /);
		expect(await example.stop()).to.equal(0);
		expect(stopped()).to.deep.equal(['receiver', 'receiver', 'worker', 'worker', 'page']);
		expect(example.lines.at(-1)).to.equal('Stopped');
		expect(await processesOf(example.folder)).to.deep.equal([]);
	});

	it('keeps what is in the queue over a restart', async () => {
		example = await Example.spawn({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
		await eventually('a receiver', () => example.url !== '' && example.printed('Ctrl-C'), 60_000);
		expect(await post(reportFields(1))).to.equal('accepted');
		await example.stop();

		example = await Example.start({}, example.folder);

		await eventually('the report on the page', async () => (await example.page()).includes(reportFields(1).messageId));
	});

	it('leaves nothing behind when it is killed', async () => {
		example = await Example.start();

		example.process.kill('SIGKILL');

		await nothingIsLeft();
	});

	it('ends with all its processes when nobody reads its output any more', async () => {
		example = await Example.spawn({}, undefined, '| head -n 1');

		await once(example.process, 'close');

		await nothingIsLeft();
		expect(example.lines).to.have.length(1);
	});

	it('says in one line that its folder is in use', async () => {
		example = await Example.start();

		const second = await Example.spawn({}, example.folder);

		expect(await end(second)).to.deep.equal([
			`${example.folder}/rabbitmq is in use by another "npm start": stop it, or set RABBITMQ_DIR`,
		]);
		expect(await post(reportFields(1))).to.equal('accepted');
	});

	it('says in one line that a port is in use, before it starts anything', async () => {
		const other = createServer();
		const port = await listen(other, 0, '127.0.0.1');
		example = await Example.spawn({ PORT: String(port) });

		expect(await end(example)).to.deep.equal([
			`Port ${port} of 127.0.0.1 is in use: set another one, or stop the program that has it`,
		]);
		expect(example.process.exitCode).to.equal(78);
		other.close();
	});

	it('says in one line which program is missing', async () => {
		example = await Example.spawn({ PATH: '/nonexistent' });

		expect(await end(example))
			.to.have.length(1)
			.and.match(/^epmd was not found: .*apt-get install erlang-base/);
	});

	/** What it printed until it ended, but for what it was about to do. */
	async function end(started: Example): Promise<string[]> {
		if (started.process.exitCode === null) await once(started.process, 'close');
		return started.lines.filter((line) => !line.startsWith('Starting RabbitMQ'));
	}

	async function post(fields: ReportFields): Promise<string> {
		const response = await fetch(example.url, deliveryReportRequest(fields));
		return judgeAsSinch({ status: response.status, body: await response.text() }, fields.transactionId).verdict;
	}

	function stopped(): string[] {
		const lines = example.lines.filter((line) => line.includes('"msg":"stopped"'));
		return lines.map((line) => JSON.parse(line).process);
	}

	async function nothingIsLeft(): Promise<void> {
		await eventually('the end of all processes', async () => (await processesOf(example.folder)).length === 0);
	}
});

/** The programs that run with a folder in their environment. */
async function processesOf(folder: string): Promise<string[]> {
	const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
	const programs = await Promise.all(
		ids.map(async (id) => {
			const environment = await readFile(`/proc/${id}/environ`, 'utf8').catch(() => '');
			return environment.includes(folder) ? readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '') : '';
		}),
	);
	return programs.filter((program) => program !== '').map((program) => program.replaceAll('\0', ' '));
}
