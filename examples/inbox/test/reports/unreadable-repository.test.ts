import { expect } from 'chai';
import { Mm7Error } from 'mm7-delivery-reports';
import type { Database } from '../../database/database.js';
import { unreadableRepository } from '../../reports/unreadable-repository.js';
import { openMemoryDatabase, START_TIMEOUT } from '../database/memory-database.js';

describe('unreadableRepository', () => {
	let database: Database;
	before(async function () {
		this.timeout(START_TIMEOUT);
		database = await openMemoryDatabase();
	});
	after(() => database?.close());

	it('keeps the bytes, what they were said to be, and why they could not be read', async () => {
		const body = Buffer.from([0, 1, 0xff]);
		await unreadableRepository(database).add({ error: new Mm7Error('ERR_MM7_XML'), body }, 'text/xml');
		const [row] = await database.query<{ body: Uint8Array }>(
			'SELECT error_code, error_message, content_type, size, body FROM unreadable',
		);
		expect(row).to.deep.include({
			error_code: 'ERR_MM7_XML',
			error_message: 'The SOAP part is not well-formed XML (docs/errors.md#err_mm7_xml)',
			content_type: 'text/xml',
			size: 3,
		});
		expect(Buffer.from(row?.body ?? [])).to.deep.equal(body);
	});

	it('keeps the newest thousand, and the beginning of what is long', async function () {
		this.timeout(START_TIMEOUT);
		const unreadable = unreadableRepository(database);
		await database.script(`
			INSERT INTO unreadable (error_code, error_message, size, body)
			SELECT 'old', '', 0, '' FROM generate_series(1, 1200)`);
		await unreadable.add({ error: new Mm7Error('ERR_MM7_MIME'), body: Buffer.alloc(200_000, 'x') }, undefined);
		expect(await unreadable.count()).to.equal(1000);
		const [newest] = await database.query(
			'SELECT error_code, size, length(body) AS kept FROM unreadable ORDER BY id DESC LIMIT 1',
		);
		expect(newest).to.deep.equal({ error_code: 'ERR_MM7_MIME', size: 200_000, kept: 65_536 });
	});
});
