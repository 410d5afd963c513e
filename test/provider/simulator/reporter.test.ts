import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import type { Attempt } from '../../../lib/provider/simulator/delivery.js';
import { reporterFor } from '../../../lib/provider/simulator/reporter.js';

const COUNTS = { accepted: 0, refused: 0, lost: 0, retried: 0 };

function failure(reason: string): Attempt {
	return { verdict: 'again', reason, latency: undefined };
}

function output(isTTY: boolean, columns = 200) {
	const stream = Object.assign(new PassThrough(), { isTTY, columns });
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

	it('lets no failure control the terminal', () => {
		for (const isTTY of [false, true]) {
			const { stream, written } = output(isTTY);
			const reporter = reporterFor(stream, 10);
			reporter.onFailure(failure('\x1b[2J\x07\x9b'));
			reporter.stop();
			expect(written()).to.include('\ufffd[2J\ufffd\ufffd');
		}
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

	/** A terminal that reports no width, as some do in containers, is taken for one of 80 columns. */
	for (const [columns, width] of [
		[40, 39],
		[0, 79],
	] as const) {
		it(`keeps to one line on a terminal of ${columns} columns`, () => {
			const { stream, written } = output(true, columns);
			const reporter = reporterFor(stream, 4);
			reporter.onFailure(failure('a reason that needs more than the line has room for'));
			reporter.onProgress({ ...COUNTS, messages: 4, accepted: 8 });
			reporter.stop();
			const lines = written().replace(/\n.*$/s, '').split('\r').map(stripVTControlCharacters);
			expect(lines.at(-1))
				.to.match(/^={24} 100% \| 4\/4/)
				.and.have.length(width);
		});
	}

	it('shows a failure soon, also where nothing else happens for minutes', async () => {
		const { stream } = output(true);
		const reporter = reporterFor(stream, 4);
		reporter.onFailure(failure('connection refused'));
		let drawn = '';
		for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
			drawn += chunk;
			if (drawn.includes('connection refused')) break;
		}
		reporter.stop();
	});

	it('does not draw more often than a terminal can show', () => {
		const { stream, written } = output(true);
		const reporter = reporterFor(stream, 10_000);
		const start = performance.now();
		for (let messages = 1; messages <= 10_000; messages++) reporter.onProgress({ ...COUNTS, messages });
		reporter.stop();
		const drawings = written().split('\r').length - 1;
		expect(drawings).to.be.at.most(3 + (performance.now() - start) / 100);
	});
});
