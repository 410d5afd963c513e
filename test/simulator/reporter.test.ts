import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import type { Attempt } from '../../lib/simulator/delivery.js';
import { reporterFor } from '../../lib/simulator/reporter.js';

const COUNTS = { accepted: 0, refused: 0, lost: 0, retried: 0 };

function failure(reason: string): Attempt {
	return { verdict: 'again', reason, latency: undefined };
}

function output(isTTY: boolean) {
	const stream = Object.assign(new PassThrough(), { isTTY, columns: 200 });
	return { stream, written: () => String(stream.read() ?? '') };
}

describe('reporterFor', () => {
	it('writes ten plain lines where nobody watches', () => {
		const { stream, written } = output(false);
		const reporter = reporterFor(stream, 1000);
		for (let messages = 1; messages <= 1000; messages++) {
			reporter.onProgress({ ...COUNTS, messages, accepted: 2 * messages });
		}
		reporter.stop();
		const lines = written().trimEnd().split('\n');
		expect(lines).to.have.length(10);
		expect(lines[0]).to.equal('100/1000 messages: 200 accepted, 0 refused, 0 lost');
		expect(lines[9]).to.equal('1000/1000 messages: 2000 accepted, 0 refused, 0 lost');
	});

	it('writes a line for each message where there are few', () => {
		const { stream, written } = output(false);
		const reporter = reporterFor(stream, 3);
		for (const messages of [1, 2, 3]) reporter.onProgress({ ...COUNTS, messages });
		expect(written().trimEnd().split('\n')).to.have.length(3);
	});

	it('names each kind of failure once, and not too many', () => {
		const { stream, written } = output(false);
		const reporter = reporterFor(stream, 10);
		for (const reason of ['HTTP 500', 'connection cut', 'HTTP 500']) reporter.onFailure(failure(reason));
		expect(written()).to.equal('not accepted: HTTP 500\nnot accepted: connection cut\n');
		for (let page = 0; page < 100; page++) reporter.onFailure(failure(`page ${page}`));
		expect(written().trimEnd().split('\n')).to.have.length(8);
	});

	it('draws a bar on a terminal, with the last failure, and gives the cursor back', () => {
		const { stream, written } = output(true);
		const reporter = reporterFor(stream, 4);
		reporter.onFailure(failure('HTTP 503'));
		reporter.onProgress({ ...COUNTS, messages: 2, accepted: 4 });
		reporter.stop();
		const drawn = written();
		expect(stripVTControlCharacters(drawn)).to.include(
			'============------------ 50% | 2/4 messages | 4 accepted, 0 refused, 0 lost | last failure: HTTP 503',
		);
		expect(drawn.lastIndexOf('\x1b[?25h')).to.be.above(drawn.lastIndexOf('\x1b[?25l'));
	});
});
