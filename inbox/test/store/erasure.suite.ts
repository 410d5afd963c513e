import { expect } from 'chai';
import { parseReadReply } from 'mm7-delivery-reports';
import { wrongCounts } from '../../lib/store/counters.js';
import type { Database } from '../../lib/store/database.js';
import { ERASED, erasableKeys, erasureIn } from '../../lib/store/erasure.js';
import { Outbox } from '../../lib/store/outbox.js';
import { findMessages } from '../../lib/store/read/find-messages.js';
import { readStatistics } from '../../lib/store/read/statistics.js';
import { chooseRange } from '../../lib/store/read/statistics-range.js';
import { RefusalRepository } from '../../lib/store/refusal-repository.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { decompressXml } from '../../lib/store/xml-codec.js';
import { UTC } from '../../lib/zone.js';
import { type ReportFields, readReplyXml, report, reportXml } from '../support/report-request.js';
import { clear, START_TIMEOUT_MS } from '../support/temporary-database.js';

const NUMBER = '12015550123';
const OTHER = '12015550124';
const SENDER = '447700900750';

/** Tests the erasure of a number; run on every database. */
export function describeErasure(open: () => Promise<Database>): void {
	let database: Database;
	let reports: ReportRepository;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await open();
		reports = new ReportRepository(database);
		await new Outbox(database).turn(true);
	});
	beforeEach(() => clear(database));
	afterEach(async () => expect(await wrongCounts(database)).to.deep.equal([]));
	after(() => database?.close());

	async function add(fields: ReportFields): Promise<void> {
		await reports.store(await report(fields), { xml: reportXml(fields) });
	}

	/** Everything in every table, as text. */
	async function everything(): Promise<string> {
		const sql = database.name.startsWith('SQLite')
			? `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
			: `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`;
		const texts: string[] = [];
		for (const { name } of await database.query<{ name: string }>(sql)) {
			for (const { xml, xml_dictionary, ...row } of await database.query<Record<string, unknown>>(
				`SELECT * FROM ${name}`,
			)) {
				const body = Buffer.from(new Uint8Array((row['body'] ?? []) as Uint8Array))
					.toString('latin1')
					.replaceAll('\0', '');
				const text = xml === undefined ? '' : decompressXml(xml as Uint8Array, Number(xml_dictionary));
				texts.push(name, JSON.stringify({ ...row, body }), text);
			}
		}
		return texts.join('\n');
	}

	async function refuse(body: Buffer, path = '/mm7'): Promise<void> {
		const request = {
			...{ receivedAt: new Date(), reason: 'ERR_MM7_XML', message: 'wrong', provider: 'default', peer: '192.0.2.7' },
			...{ method: 'POST', path, headers: {}, size: body.length, body },
		};
		await new RefusalRepository(database).add({ counts: [], requests: [request] });
	}

	it('removes a recipient from every table, and nothing else', async () => {
		const texts = { statusText: `${NUMBER} is off`, auxApplicInfo: NUMBER, extensions: { For: NUMBER } };
		await add({ messageId: 'a', recipient: `+${NUMBER}`, mmStatus: 'Forwarded' });
		await add({ messageId: 'a', recipient: NUMBER, mmStatus: 'Expired', ...texts });
		await add({ messageId: 'b', recipient: '+1 (201) 555-0123', date: 'soon' });
		await add({ messageId: 'c', recipient: OTHER, statusText: 'Kept' });
		const xml = readReplyXml({ messageId: 'b', recipient: '+1 (201) 555-0123' });
		await reports.store(await parseReadReply(xml, { 'content-type': 'text/xml' }), { xml });
		await refuse(Buffer.from(`<broken>${NUMBER}`));
		await refuse(Buffer.from(`<broken>+1 201-555-0123`, 'utf16le'));
		await refuse(Buffer.alloc(0), `/mm7/${NUMBER}`);
		await refuse(Buffer.from(`<broken>9${NUMBER}`));
		await refuse(Buffer.from(`<broken>${NUMBER}9 1 201 555`));
		await database.write({ sql: `UPDATE events SET attempts = '[{"response":"${NUMBER}"}]' WHERE message_key < 'c'` });
		const statistics = async () => {
			const { range: _, failures, ...counts } = await readStatistics(database)(chooseRange({}, UTC));
			return { ...counts, failures: failures.map(({ count }) => count) };
		};
		const before = await statistics();

		const erasure = erasureIn(database);
		const traces = { messages: 2, reports: 4, refused: 3 };
		expect(await erasure.find([NUMBER])).to.deep.equal(traces);
		expect(await erasure.erase([NUMBER])).to.deep.equal(traces);
		const left = await everything();
		const found = left.split('\n').filter((line) => /(?<!\d)(00)?1[ ().-]*201[ ().-]*555[ ().-]*0123(?!\d)/.test(line));
		expect(found).to.deep.equal([]);
		expect(left).to.include('Kept').and.include(OTHER).and.include(`9${NUMBER}`);
		expect(await statistics()).to.deep.equal(before);
		expect(await erasure.find([NUMBER])).to.deep.equal({ messages: 0, reports: 0, refused: 0 });
		expect((await search(ERASED)).map(({ messageId, state }) => [messageId, state])).to.have.deep.members([
			['a', 'failed'],
			['b', 'delivered'],
		]);
		expect((await new Outbox(database).pending()).count).to.equal(5);
	});

	it('removes a sender from every table, with its counters', async () => {
		for (let n = 0; n < 120; n++) await add({ messageId: `m${n}`, sender: `+${SENDER}`, recipient: '54321' });
		await add({ messageId: 'other', sender: '447700900751', recipient: '54321' });
		expect(await erasureIn(database).erase([SENDER])).to.deep.equal({ messages: 120, reports: 120, refused: 0 });
		const left = await everything();
		expect(left).not.to.include(SENDER);
		expect(left).to.include('447700900751');
	}).timeout(START_TIMEOUT_MS);

	it('removes a sender that is not the listed one, and a number in any text', async () => {
		await add({ messageId: 'a', recipient: OTHER, mmStatus: 'Forwarded', sender: `+${NUMBER}`, statusText: 'Gone' });
		await add({ messageId: 'a', recipient: OTHER, mmStatus: 'Retrieved', sender: SENDER, statusText: 'Kept 1' });
		const submission = { messageId: 'b', recipients: [OTHER] };
		await reports.register({ ...submission, sender: NUMBER });
		await reports.register({ ...submission, sender: SENDER });
		await reports.register({ messageId: 'c', recipients: [OTHER], sender: NUMBER });
		await add({ messageId: 'c', recipient: OTHER, sender: SENDER, statusText: 'Kept 2' });
		const unknownElement = reportXml({ messageId: 'd', recipient: OTHER }).replace(
			'<Date>',
			`<Cc>+1 201-555-0123</Cc><Date>`,
		);
		await reports.store(await report({ messageId: 'd', recipient: OTHER, statusText: 'Gone' }), {
			xml: unknownElement,
		});
		await add({ messageId: 'e', recipient: OTHER, statusText: `Forwarded to ${NUMBER}` });
		await add({ messageId: 'f', recipient: OTHER, mmStatusExtension: `00${NUMBER}`, extensions: { To: 'Gone' } });
		await add({ messageId: 'g', recipient: { kind: 'RFC2822Address', address: `Joe <+${NUMBER}>` } });
		await add({ messageId: 'h', recipient: OTHER, statusText: `Kept 3, and 9${NUMBER}` });
		await database.write({
			sql: `UPDATE events SET attempts = $1 WHERE message_key LIKE 'h-%'`,
			values: [JSON.stringify([{ response: `to\n${NUMBER}` }])],
		});
		await reports.register({ messageId: 'i', recipients: [OTHER], sender: NUMBER });
		// retention deletes the registration, and the message once its state is as old
		await add({ messageId: 'i', recipient: OTHER, statusText: 'Kept 4' });
		await database.write({ sql: `DELETE FROM reports WHERE message_id = 'i' AND kind = 'submission'` });

		const erasure = erasureIn(database);
		const traces = { messages: 3, reports: 7, refused: 0 };
		expect(await erasure.find([NUMBER])).to.deep.equal(traces);
		expect(await erasure.erase([NUMBER])).to.deep.equal(traces);
		const left = await everything();
		const found = left.split('\n').filter((line) => /(?<!\d)(00)?1[ ().-]*201[ ().-]*555[ ().-]*0123(?!\d)/.test(line));
		expect(found).to.deep.equal([]);
		for (const kept of ['Kept 1', 'Kept 2', 'Kept 3', 'Kept 4', SENDER]) expect(left).to.include(kept);
		expect(left).not.to.include('Gone');
		expect(await erasure.find([NUMBER])).to.deep.equal({ messages: 0, reports: 0, refused: 0 });
		expect((await search(SENDER)).map(({ messageId }) => messageId)).to.include.members(['a', 'b']);
	});

	it('removes an e-mail address in any text, and none that ends or begins like it', async () => {
		const [address, others] = ['Joe@Example.net', ['big.joe@example.net', 'joe@example.network', 'joe@example.net.au']];
		await add({ messageId: 'a', recipient: { kind: 'RFC2822Address', address } });
		await add({ messageId: 'b', statusText: `No mailbox ${address}.`, extensions: { To: `me\n${address}` } });
		for (const statusText of others) await add({ messageId: 'c', statusText });
		await refuse(Buffer.from(`<broken>${address.toLowerCase()}</broken>`));
		await refuse(Buffer.from(`<broken>${others}</broken>`));
		const traces = { messages: 1, reports: 2, refused: 1 };
		const keys = erasableKeys(address);
		expect(await erasureIn(database).find(keys)).to.deep.equal(traces);
		expect(await erasureIn(database).erase(keys)).to.deep.equal(traces);
		const left = await everything();
		expect(left).not.to.match(/(?<![\w.])joe@example\.net(?![\w]|\.\w)/i);
		for (const other of others) expect(left).to.include(other);
	});

	it('lets later reports arrive like any other', async () => {
		await add({ messageId: 'a', recipient: NUMBER, mmStatus: 'Forwarded' });
		await erasureIn(database).erase([NUMBER]);
		await add({ messageId: 'a', recipient: NUMBER, mmStatus: 'Retrieved' });
		const [found, ...others] = await search(NUMBER);
		expect(found).to.include({ messageId: 'a', state: 'delivered', recipient: NUMBER });
		expect(others).to.deep.equal([]);
	});

	it('accepts numbers in any notation and e-mail addresses, but no short codes', () => {
		expect(erasableKeys(' +1 (201) 555-0123 ')).to.deep.equal([NUMBER]);
		expect(erasableKeys('0044 7700 900750')).to.deep.equal([`00${SENDER}`, SENDER]);
		expect(erasableKeys('Joe@Example.net')).to.deep.equal(['joe@example.net']);
		for (const wrong of ['', '54321', '1234567890123456', 'INFO', 'a b@c']) {
			expect(erasableKeys(wrong), wrong).to.deep.equal([]);
		}
	});

	function search(q: string) {
		return findMessages(database).find({ filters: { q } }, 10);
	}
}
