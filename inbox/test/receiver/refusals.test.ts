import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { makeLogger } from '../../lib/log.js';
import { makeMetrics } from '../../lib/operations/metrics.js';
import { countRefusals, type RefusalCounter } from '../../lib/receiver/refusals.js';
import { DatabaseError } from '../../lib/store/database.js';
import type { Refusals, RefusedRequest } from '../../lib/store/refusal-repository.js';
import { eventually } from '../support/eventually.js';
import { refusedRequest } from '../support/refusals.js';
import { LogLines } from '../support/serve.js';

describe('countRefusals', () => {
	const written: Refusals[] = [];
	let output: LogLines;
	let metrics: ReturnType<typeof makeMetrics>;
	let refusals: RefusalCounter;
	let keep: (batch: Refusals) => Promise<void>;

	beforeEach(() => {
		written.length = 0;
		output = new LogLines();
		metrics = makeMetrics();
		keep = async (batch) => void written.push(batch);
		refusals = countRefusals((batch) => keep(batch), metrics, makeLogger('info', output));
	});

	function refuse(fields: Partial<RefusedRequest> = {}): boolean {
		const { reason, provider, peer, ...request } = refusedRequest(fields);
		return refusals.add({ reason, provider, peer }, () => request);
	}

	const counted = () => written.flatMap(({ counts }) => counts).reduce((sum, { count }) => sum + count, 0);
	const requests = () => written.flatMap(({ requests }) => requests);

	it('writes refusals in a group, after a moment', async () => {
		for (let n = 0; n < 30; n++) refuse();
		expect(written).to.deep.equal([]);
		await eventually('the write', () => written.length > 0);
		await refusals.finished();
		expect(written).to.have.lengthOf(1);
		expect(written[0]?.counts).to.have.lengthOf(1);
		expect(counted()).to.equal(30);
		expect(requests()).to.have.lengthOf(30);
	});

	it('does not grow with the number of clients, and counts all requests', async () => {
		const body = Buffer.alloc(60_000);
		for (let n = 0; n < 100_000; n++) {
			refuse({
				reason: n % 2 ? 'WRONG_PATH' : 'ERR_MM7_XML',
				peer: `192.0.2.${n}`,
				path: `/${n}`,
				provider: `${n}`,
				body,
			});
		}
		refuse({ reason: 'ERR_MM7_UNAUTHORIZED', peer: '198.51.100.7', body: Buffer.alloc(0) });
		await refusals.finished();
		expect(counted()).to.equal(100_001);
		const [{ counts = [] } = {}] = written;
		expect(counts).to.have.lengthOf(2 * 21 + 1);
		expect(counts.find(({ reason, peer }) => peer === 'other' && reason === 'WRONG_PATH')?.count).to.equal(49_980);
		expect(counts.map(({ peer }) => peer)).to.include('198.51.100.7');
		expect(requests().length).to.be.within(30, 100);
		const text = await metrics.registry.metrics();
		expect(text).to.include(`mm7_refused_requests_stored_total ${requests().length}\n`);
		expect(text).to.include(`mm7_refused_requests_dropped_total ${100_001 - requests().length}\n`);
	});

	it('keeps at most 64 KB of each body, in a buffer of its own', async () => {
		refuse({ body: Buffer.alloc(200_000) });
		await refusals.finished();
		expect(requests()[0]?.body.buffer.byteLength).to.equal(65_536);
		expect(requests()[0]?.size).to.equal(200_000);
	});

	it('keeps the counts while the database is down, and writes them when it is back', async () => {
		let isDown = true;
		keep = async (batch) => {
			if (isDown) throw new DatabaseError('gone', 'unavailable', 'TEST');
			written.push(batch);
		};
		refuse();
		await eventually('the failure', () => output.lines.length > 0);
		for (let n = 0; n < 100; n++) refuse();
		isDown = false;
		await eventually('the write', () => written.length > 0);
		await refusals.finished();
		expect(counted()).to.equal(101);
		expect(requests()).to.have.lengthOf(50);
		expect(output.lines).to.have.lengthOf(1);
	});

	it('writes the same batch again if it may have been written', async () => {
		const ids: unknown[] = [];
		keep = async (batch) => {
			ids.push(batch.id);
			if (ids.length === 1) throw new DatabaseError('connection lost during the commit', 'unavailable', 'TEST');
			written.push(batch);
		};
		refuse();
		await eventually('the failure', () => output.lines.length > 0);
		refuse({ peer: '192.0.2.8' });
		await eventually('the writes', () => written.length > 1);
		expect(ids[0]).to.be.a('string').and.to.equal(ids[1]).and.not.to.equal(ids[2]);
		expect(written.map(({ counts }) => counts.map(({ peer }) => peer))).to.deep.equal([['192.0.2.7'], ['192.0.2.8']]);
		expect(requests()).to.have.lengthOf(2);
	});

	it('drops requests that the database rejects, and keeps their counts', async () => {
		keep = async (batch) => {
			if (batch.requests.length > 0) throw new DatabaseError('invalid', 'refused', 'TEST');
			written.push(batch);
		};
		refuse();
		await eventually('the write', () => written.length > 0);
		expect(counted()).to.equal(1);
		expect(requests()).to.deep.equal([]);
	});

	it('gives up at the end if the database is still down', async () => {
		keep = () => Promise.reject(new Error('gone'));
		refuse();
		await refusals.finished();
		expect(output.lines).to.have.lengthOf(1);
	});

	describe('for requests without credentials', () => {
		const challenge = (client: string) => {
			const { reason, provider, peer, ...request } = refusedRequest({ reason: 'ERR_MM7_UNAUTHORIZED' });
			refusals.addChallenge(client, { reason, provider, peer }, () => request);
		};

		it('counts those that are not repeated with credentials', async () => {
			challenge('a');
			challenge('a');
			challenge('b');
			refusals.challengeMet('a');
			refusals.challengeMet('c');
			await refusals.finished();
			expect(counted()).to.equal(2);
		});

		it('counts them after five seconds', async () => {
			challenge('a');
			await delay(1_000);
			expect(written).to.deep.equal([]);
			await eventually('the write', () => written.length > 0);
			refusals.challengeMet('a');
			await refusals.finished();
			expect(counted()).to.equal(1);
		});

		it('does not let more than 200 wait', async () => {
			for (let n = 0; n < 1000; n++) challenge(`${n}`);
			await eventually('the write', () => written.length > 0);
			expect(counted()).to.equal(800);
			await refusals.finished();
			expect(counted()).to.equal(1000);
		});
	});
});
