import { expect } from 'chai';
import type { Database } from '../../lib/store/database.js';
import { UnreadableRepository } from '../../lib/store/unreadable-repository.js';
import { openTemporaryDatabase, START_TIMEOUT } from '../support/temporary-database.js';

const NOT_XML = { code: 'ERR_MM7_XML', message: 'The SOAP part is not well-formed XML' };
const NOT_MIME = { code: 'ERR_MM7_MIME', message: 'The body is neither XML nor readable MIME' };

describe('unreadableRepository', () => {
	let database: Database;
	before(async function () {
		this.timeout(START_TIMEOUT);
		database = await openTemporaryDatabase();
	});
	after(() => database?.close());

	it('stores the bytes, their Content-Type, and why they could not be parsed', async () => {
		const body = Buffer.from([0, 1, 0xff]);
		await new UnreadableRepository(database).add(
			{ error: NOT_XML, body },
			{ remoteAddress: '192.0.2.7', contentType: 'text/xml' },
		);
		const [row] = await database.query<{ body: ArrayBuffer }>(
			'SELECT error_code, error_message, content_type, remote_address, size, body FROM unreadable',
		);
		expect(row).to.deep.include({
			error_code: 'ERR_MM7_XML',
			error_message: NOT_XML.message,
			content_type: 'text/xml',
			remote_address: '192.0.2.7',
			size: 3,
		});
		expect(Buffer.from(row?.body ?? new ArrayBuffer(0))).to.deep.equal(body);
	});

	it('keeps the newest 1,000 requests, and the beginning of long bodies', async function () {
		this.timeout(START_TIMEOUT);
		const unreadable = new UnreadableRepository(database);
		const old = { error: NOT_XML, body: Buffer.from('<') };
		for (let n = 0; n < 1010; n++) await unreadable.add(old);
		await unreadable.add({ error: NOT_MIME, body: Buffer.alloc(200_000, 'x') });
		const kept = await database.query('SELECT error_code, size, length(body) AS kept FROM unreadable ORDER BY id DESC');
		expect(kept).to.have.lengthOf(1000);
		expect(kept[0]).to.deep.equal({ error_code: 'ERR_MM7_MIME', size: 200_000, kept: 65_536 });
	});
});
