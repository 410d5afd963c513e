import { expect } from 'chai';
import type { Database } from '../../../lib/store/database.js';
import type { Cursor, Filters } from '../../../lib/store/read/filters.js';
import { type FindMessages, findMessages } from '../../../lib/store/read/find-messages.js';
import { OVERDUE_KINDS } from '../../../lib/store/read/overdue.js';
import { ReportRepository } from '../../../lib/store/report-repository.js';
import { type ReportFields, readReply, report } from '../../support/report-request.js';

const HOUR_MS = 3_600_000;

/** Tests the overdue messages; run on every database. */
export function describeOverdue(database: () => Database): void {
	let reports: ReportRepository;
	let messages: FindMessages;

	before(() => {
		reports = new ReportRepository(database());
		messages = findMessages(database(), { overdueAfterMs: 72 * HOUR_MS });
	});

	const ago = (hours: number) => new Date(Date.now() - hours * HOUR_MS);

	const submit = (messageId: string, hours: number, reference?: string) =>
		reports.register({ messageId, recipients: ['12015550123'], submittedAt: ago(hours), reference });

	async function add(fields: ReportFields, hours: number): Promise<void> {
		await reports.store({ ...(await report(fields)), receivedAt: ago(hours) });
	}

	const counts = () => Promise.all(OVERDUE_KINDS.map(async (kind) => (await messages.count({ overdue: kind })).count));

	const ids = async (filters: Filters, before?: Cursor) =>
		(await messages.find({ filters, before }, 10)).map(({ messageId }) => messageId);

	it('are those without any report, and those whose last report is not final', async () => {
		await submit('silent', 80);
		await submit('recent', 70);
		await submit('accepted', 79);
		await add({ messageId: 'accepted', mmStatus: 'Forwarded' }, 1);
		await submit('delivered', 78);
		await add({ messageId: 'delivered' }, 1);
		await add({ messageId: 'never registered', mmStatus: 'Deferred' }, 77);
		await add({ messageId: 'odd', mmStatus: 'Odd word' }, 76);
		await add({ messageId: 'fresh', mmStatus: 'Forwarded' }, 71);
		await reports.store({ ...(await readReply({ messageId: 'read' })), receivedAt: ago(75) });
		expect(await ids({ overdue: 'no-report' })).to.deep.equal(['silent']);
		expect(await ids({ overdue: 'no-receipt' })).to.deep.equal(['odd', 'never registered', 'accepted']);
		expect(await counts()).to.deep.equal([1, 3]);
	});

	it('stop being overdue when a final report arrives, and change their list with any other', async () => {
		await submit('a', 80);
		expect(await counts()).to.deep.equal([1, 0]);
		await add({ messageId: 'a', mmStatus: 'Forwarded' }, 0);
		expect(await counts()).to.deep.equal([0, 1]);
		await add({ messageId: 'a', mmStatus: 'Expired' }, 0);
		expect(await counts()).to.deep.equal([0, 0]);
	});

	it('count from the submission, even if it is registered late', async () => {
		await add({ messageId: 'a', mmStatus: 'Forwarded' }, 1);
		expect(await counts()).to.deep.equal([0, 0]);
		await submit('a', 80);
		expect(await counts()).to.deep.equal([0, 1]);
	});

	it('are listed by their start, in pages and with other filters', async () => {
		for (const [index, messageId] of ['a', 'b', 'c'].entries())
			await submit(messageId, 80 - index, `order-${messageId}`);
		await add({ messageId: 'b', mmStatus: 'Forwarded' }, 0);
		await add({ messageId: 'd', mmStatus: 'Deferred' }, 77);
		expect(await ids({ overdue: 'no-report' })).to.deep.equal(['c', 'a']);
		expect(await ids({ overdue: 'no-receipt' })).to.deep.equal(['d', 'b']);
		expect(await ids({ overdue: 'no-receipt', mmStatus: ['deferred'] })).to.deep.equal(['d']);
		expect(await ids({ overdue: 'no-receipt', reference: ['order-b'] })).to.deep.equal(['b']);
		expect(await ids({ overdue: 'no-report', from: ago(79) })).to.deep.equal(['c']);
		const [first] = await messages.find({ filters: { overdue: 'no-receipt' } }, 1);
		expect(first?.at.getTime()).to.be.closeTo(ago(77).getTime(), 10_000);
		expect(await ids({ overdue: 'no-receipt' }, first)).to.deep.equal(['b']);
		expect(await messages.count({ overdue: 'no-report' })).to.deep.equal({ count: 2, more: false });
		expect(await messages.count({ overdue: 'no-report', q: 'order-c' })).to.deep.equal({ count: 1, more: false });
	});

	it('cannot be listed without OVERDUE_AFTER', async () => {
		const found = findMessages(database()).find({ filters: { overdue: 'no-report' } }, 1);
		expect(await found.catch(String)).to.match(/"overdue" needs OVERDUE_AFTER/);
	});
}
