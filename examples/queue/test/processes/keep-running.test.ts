import { type ChildProcess, spawn } from 'node:child_process';
import { expect } from 'chai';
import { keepRunning, type Processes } from '../../processes/keep-running.js';
import { eventually } from '../support/eventually.js';

describe('keepRunning', () => {
	const started: ChildProcess[] = [];
	const broken: Error[] = [];
	const { error } = console;
	let processes: Processes | undefined;

	beforeEach(() => {
		started.length = 0;
		broken.length = 0;
		console.error = () => {};
	});

	afterEach(async () => {
		await processes?.stop();
		console.error = error;
	});

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
		expect(broken.map(({ message }) => message)).to.deep.equal(['process does not stay up']);
	});

	it('tells what cannot be started at all', async () => {
		processes = keepRunning(
			'process',
			1,
			() => spawn('/nonexistent/program'),
			(failure) => broken.push(failure),
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
		return keepRunning('process', count, start, (failure) => broken.push(failure));
	}
});
