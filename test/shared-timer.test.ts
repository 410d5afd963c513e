import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { expect } from 'chai';
import { SharedTimer } from '../lib/shared-timer.js';

/** Timers that keep the process alive; those of mocha are among them. */
function timers(): number {
	return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}

describe('SharedTimer', () => {
	it('calls each when its own time is over, in the order of their starts, and once', async () => {
		const timer = new SharedTimer(20);
		const calls: string[] = [];
		const startedAt = performance.now();
		await new Promise<void>((resolve) => {
			timer.start(() => calls.push('first'));
			timer.start(() => {
				calls.push('second');
				// started while others are called
				timer.start(() => {
					calls.push('third');
					resolve();
				});
			});
		});
		expect(calls).to.deep.equal(['first', 'second', 'third']);
		expect(performance.now() - startedAt).to.be.at.least(38); // timers may be a millisecond early
	});

	it('does not call what was stopped, and still calls what was started behind it', async () => {
		const timer = new SharedTimer(20);
		const calls: string[] = [];
		const stopped = () => calls.push('stopped');
		timer.start(stopped);
		timer.stop(stopped);
		const startedAt = performance.now();
		await new Promise<void>((resolve) => timer.start(resolve));
		expect(performance.now() - startedAt).to.be.at.least(19);
		expect(calls).to.deep.equal([]);
	});

	it('counts from when the time began', async () => {
		const timer = new SharedTimer(10_000);
		const startedAt = performance.now();
		await new Promise<void>((resolve) => timer.start(resolve, startedAt - 9_990));
		expect(performance.now() - startedAt).to.be.within(9, 5_000);
	});

	it('lets nobody wait longer because another one was started while some were called', async function () {
		this.retries(3); // a shared machine may stand still for longer
		const timer = new SharedTimer(200);
		const startedAt = performance.now();
		const waiting = new Promise<void>((resolve) => {
			timer.start(() => timer.start(() => undefined), startedAt - 150);
			timer.start(resolve, startedAt - 100);
		});
		await waiting;
		expect(performance.now() - startedAt).to.be.within(99, 199);
	});

	it('survives a test that replaces setTimeout for a while', async () => {
		const timer = new SharedTimer(20);
		const forgotten = () => undefined;
		mock.timers.enable({ apis: ['setTimeout'] });
		try {
			let called = false;
			timer.start(() => {
				called = true;
			});
			mock.timers.tick(20);
			expect(called).to.equal(true);
			timer.start(forgotten, performance.now() - 2000);
			timer.stop(forgotten);
		} finally {
			mock.timers.reset();
		}
		await new Promise<void>((resolve) => timer.start(resolve));
	});

	it('can wait as long as a timer of Node.js can', async () => {
		const warnings: Error[] = [];
		const onWarning = (warning: Error) => warnings.push(warning);
		process.on('warning', onWarning);
		for (let i = 0; i < 100; i++) {
			const timer = new SharedTimer(2 ** 31 - 1);
			const call = () => undefined;
			timer.start(call, performance.now() + i / 7);
			timer.stop(call);
		}
		await setImmediate();
		process.off('warning', onWarning);
		expect(warnings).to.deep.equal([]);
	});

	it('keeps the process alive with one timer while it watches, and not longer', () => {
		const timer = new SharedTimer(60_000);
		const before = timers();
		const calls = [() => undefined, () => undefined, () => undefined];
		for (let i = 0; i < 2; i++) {
			for (const call of calls) timer.start(call);
			expect(timers() - before).to.equal(1);
			for (const call of calls) timer.stop(call);
			expect(timers() - before).to.equal(0);
		}
	});
});
