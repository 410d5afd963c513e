import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { reporterFor } from '../../../lib/provider/simulator/reporter.js';

const COUNTS = { accepted: 0, rejected: 0, lost: 0, retried: 0 };

function reporter(count: number) {
	const stream = new PassThrough();
	const { onProgress, onFailure } = reporterFor(stream, count);
	return {
		onProgress,
		fail: (reason: string) => onFailure({ verdict: 'retry', reason, latency: undefined }),
		written: () => String(stream.read() ?? ''),
	};
}

describe('reporterFor', () => {
	it('prints ten lines', () => {
		const { onProgress, written } = reporter(1000);
		for (let messages = 1; messages <= 1000; messages++) onProgress({ ...COUNTS, messages, accepted: 2 * messages });
		const lines = written().trimEnd().split('\n');
		expect(lines).to.have.length(10);
		expect(lines[0]).to.equal('100/1000 messages: 200 accepted, 0 rejected, 0 lost');
		expect(lines[9]).to.equal('1000/1000 messages: 2000 accepted, 0 rejected, 0 lost');
	});

	it('prints a line for each message if there are few', () => {
		const { onProgress, written } = reporter(3);
		for (const messages of [1, 2, 3]) onProgress({ ...COUNTS, messages });
		expect(written().trimEnd().split('\n')).to.have.length(3);
	});

	it('prints each kind of failure once, and at most ten', () => {
		const { fail, written } = reporter(10);
		for (const reason of ['HTTP 500', 'connection cut', 'HTTP 500']) fail(reason);
		expect(written()).to.equal('not accepted: HTTP 500\nnot accepted: connection cut\n');
		for (let page = 0; page < 100; page++) fail(`page ${page}`);
		expect(written().trimEnd().split('\n')).to.have.length(8);
	});

	it('replaces control characters of a failure', () => {
		const { fail, written } = reporter(10);
		fail('\x1b[2J\x07\x9b');
		expect(written()).to.include('\ufffd[2J\ufffd\ufffd');
	});
});
