import { expect } from 'chai';
import type { Database } from '../../lib/store/database.js';
import { refusedQueries } from '../../lib/store/read/refused.js';
import { RefusalRepository } from '../../lib/store/refusal-repository.js';
import { refusalCount, refusalsOf, refusedRequest } from '../support/refusals.js';
import { clear, START_TIMEOUT_MS } from '../support/temporary-database.js';

const HOUR_MS = 3_600_000;
const NOON = new Date('2026-03-16T12:00:00Z');
const at = (hours: number) => new Date(NOON.getTime() + hours * HOUR_MS);

/** Describes how a database keeps refused requests. */
export function describeRefusals(open: () => Promise<Database>): void {
	describe('refused requests', function () {
		this.timeout(START_TIMEOUT_MS);
		let database: Database;
		let refusals: RefusalRepository;
		before(async () => {
			database = await open();
			refusals = new RefusalRepository(database);
		});
		beforeEach(() => clear(database));
		after(() => database?.close());

		const queries = () => refusedQueries(database);

		it('keep the bytes of a request, its headers, and why it was refused', async () => {
			const request = refusedRequest({ body: Buffer.from([0, 1, 0xff]), headers: { 'x-test': 'a\u0000b' } });
			await refusals.add(refusalsOf(request));
			const [{ id = '', ...listed } = {}] = await queries().list(10);
			const { headers, body, ...facts } = request;
			expect(listed).to.deep.equal({ ...facts, kept: 3 });
			expect(await queries().one(id)).to.deep.equal({ ...listed, id, body, headers });
			await refusals.delete(id);
			expect(await queries().one(id)).to.equal(undefined);
		});

		it('keep requests without response, method and path', async () => {
			const nothing = { httpStatus: undefined, statusCode: undefined, method: undefined, path: undefined };
			await refusals.add(refusalsOf(refusedRequest({ ...nothing, reason: 'HPE_INVALID_METHOD' })));
			expect((await queries().list(10))[0]).to.include(nothing);
		});

		it('keep the newest 1,000 requests for each reason, and the beginning of long bodies', async () => {
			const flood = Array.from({ length: 1010 }, () => refusedRequest({ body: Buffer.alloc(0) }));
			await refusals.add({
				counts: [],
				requests: [refusedRequest({ reason: 'ERR_MM7_MIME', body: Buffer.alloc(200_000) })],
			});
			await refusals.add({ counts: [], requests: flood });
			await refusals.add({ counts: [], requests: [refusedRequest()] });
			const kept = await queries().list(2000);
			expect(kept).to.have.lengthOf(1001);
			expect(kept[0]).to.include({ reason: 'ERR_MM7_XML', size: 1 });
			expect(kept.at(-1)).to.include({ reason: 'ERR_MM7_MIME', size: 200_000, kept: 65_536 });
		});

		it('are listed by reason, in pages', async () => {
			await refusals.add(refusalsOf(refusedRequest(), refusedRequest({ reason: 'ERR_MM7_MIME' }), refusedRequest()));
			const [newest] = await queries().list(1, { reason: 'ERR_MM7_XML' });
			const older = await queries().list(10, { reason: 'ERR_MM7_XML', before: newest?.id });
			expect(older.map(({ reason }) => reason)).to.deep.equal(['ERR_MM7_XML']);
			expect(await queries().listWhole(10, { reason: 'ERR_MM7_MIME' })).to.have.lengthOf(1);
		});

		it('are counted by hour, reason, provider and peer, by several processes', async () => {
			const other = new RefusalRepository(database);
			await refusals.add({ counts: [refusalCount({ count: 2, firstAt: at(0.5), lastAt: at(0.6) })], requests: [] });
			await other.add({ counts: [refusalCount({ count: 3, firstAt: at(0.1), lastAt: at(0.2) })], requests: [] });
			await other.add({ counts: [refusalCount({ count: 1, firstAt: at(1), peer: '192.0.2.8' })], requests: [] });
			await other.add({ counts: [refusalCount({ count: 9, firstAt: at(-5) })], requests: [] });
			expect(await queries().sums(NOON)).to.deep.equal([
				{
					reason: 'ERR_MM7_XML',
					count: 6,
					firstAt: at(0.1),
					lastAt: at(1),
					peers: [
						{ peer: '192.0.2.7', provider: 'default', count: 5, lastAt: at(0.6) },
						{ peer: '192.0.2.8', provider: 'default', count: 1, lastAt: at(1) },
					],
					hours: { [NOON.getTime() / HOUR_MS]: 5, [NOON.getTime() / HOUR_MS + 1]: 1 },
				},
			]);
			expect((await queries().current()).total).to.equal(15);
		});

		it('are stored and counted once if their batch arrives again, also at another process', async () => {
			const [first, second] = [refusalsOf(refusedRequest()), refusalsOf(refusedRequest(), refusedRequest())];
			const other = new RefusalRepository(database);
			await refusals.add({ ...first, id: '2026-03-16T12:00:00.000Z first' });
			const id = `${new Date().toISOString()} second`;
			await Promise.all([refusals.add({ ...second, id }), other.add({ ...second, id })]);
			await refusals.add({ ...second, id });
			expect(await queries().list(10)).to.have.lengthOf(3);
			expect((await queries().sums(NOON))[0]?.count).to.equal(3);
			expect((await queries().current()).total).to.equal(3);
			// the other one is too old to arrive again
			expect(await database.query('SELECT id FROM refusal_batches')).to.deep.equal([{ id }]);
		});

		it('are current for 15 minutes, unless they cannot be reports', async () => {
			const counts = [
				refusalCount({ reason: 'ERR_MM7_UNAUTHORIZED', count: 50, firstAt: at(0) }),
				refusalCount({ reason: 'ERR_MM7_UNAUTHORIZED', peer: '192.0.2.8', count: 7, firstAt: at(0.1) }),
				refusalCount({ reason: 'ERR_MM7_METHOD_NOT_ALLOWED', count: 99, firstAt: at(0.1) }),
			];
			await refusals.add({ counts, requests: [] });
			const soon = await queries().current(at(0.3));
			expect(soon.total).to.equal(57);
			expect(soon.now).to.have.lengthOf(1);
			expect(soon.now[0]).to.deep.include({
				reason: 'ERR_MM7_UNAUTHORIZED',
				title: 'User name or password is missing or wrong',
				count: 57,
				peer: '192.0.2.7',
				peers: 2,
				firstAt: at(0),
				lastAt: at(0.1),
			});
			expect((await queries().current(at(0.4))).now).to.deep.equal([]);
		});

		it('are deleted by age, with their counts', async () => {
			await refusals.add(refusalsOf(refusedRequest({ receivedAt: at(-2) }), refusedRequest({ receivedAt: at(2) })));
			expect(await refusals.deleteReceivedBefore(at(0))).to.equal(1);
			expect(await queries().list(10)).to.have.lengthOf(1);
			expect((await queries().sums(at(-10)))[0]?.count).to.equal(1);
		});
	});
}
