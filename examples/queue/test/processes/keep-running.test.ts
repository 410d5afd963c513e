import { type ChildProcess, spawn } from 'node:child_process';
import { expect } from 'chai';
import { HOPELESS } from '../../processes/fail.js';
import { keepRunning, type Processes } from '../../processes/keep-running.js';
import { eventually } from '../support/eventually.js';
import { keptLog } from '../support/kept-log.js';

describe('keepRunning', () => {
	const started: ChildProcess[] = [];
	const broken: (Error | undefined)[] = [];
	let processes: Processes | undefined;

	beforeEach(() => {
		started.length = 0;
		broken.length = 0;
	});

	afterEach(() => processes?.stop());

	it('starts as many as asked for, and stops them', async () => {
		processes = run(2, 'setInterval(() => {}, 1000)');
		expect(started).to.have.length(2);

		await processes.stop();

		expect(started.map(({ signalCode }) => signalCode)).to.deep.equal(['SIGTERM', 'SIGTERM']);
		expect(broken).to.deep.equal([]);
	});

	it('starts another for one that was killed', async () => {
		processes = run(1, 'setInterval(() => {}, 1000)');
		started[0]?.kill('SIGKILL');

		await eventually('the next one', () => started.length === 2);

		expect(started[1]?.exitCode).to.equal(null);
		expect(broken).to.deep.equal([]);
	});

	it('gives up on what ends as soon as it is started', async () => {
		processes = run(1, 'process.exit(1)');

		await eventually('giving up', () => broken.length > 0);

		expect(started).to.have.length(3);
		expect(broken.map((error) => error?.message)).to.deep.equal(['process does not stay up; its last lines say why']);
	});

	it('does not start again what has said that it is of no use', async () => {
		processes = run(1, `process.exit(${HOPELESS})`);

		await eventually('giving up', () => broken.length > 0);

		expect(started).to.have.length(1);
		expect(broken).to.deep.equal([undefined]);
	});

	it('tells what cannot be started at all', async () => {
		processes = keepRunning(
			'process',
			1,
			() => spawn('/nonexistent/program'),
			(failure) => broken.push(failure),
			keptLog(),
		);

		await eventually('giving up', () => broken.length > 0);

		expect(broken[0]).to.have.property('code', 'ENOENT');
	});

	function run(count: number, code: string): Processes {
		const start = () => {
			const child = spawn(process.execPath, ['-e', code]);
			started.push(child);
			return child;
		};
		return keepRunning('process', count, start, (failure) => broken.push(failure), keptLog());
	}
});
