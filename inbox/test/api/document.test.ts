import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { MEANINGS } from '../../lib/api/problem.js';
import type { Database } from '../../lib/store/database.js';
import { FILTERS } from '../../lib/store/read/filters.js';
import { API_TOKEN, ApiClient } from '../support/api-client.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

const TEXT = readFileSync(path.join(__dirname, '../../../docs/api.md'), 'utf8');

/** The first column of the table with this heading, without backquotes. */
function firstColumn(heading: string): string[] {
	const [, rows = ''] = new RegExp(`^\\| ${heading} \\|.*\\n\\|.*\\n((?:\\|.*\\n)+)`, 'm').exec(TEXT) ?? [];
	return rows
		.trim()
		.split('\n')
		.flatMap((row) => (row.split('|')[1] ?? '').replaceAll('`', '').split(','))
		.map((name) => name.trim());
}

describe('docs/api.md', () => {
	let database: Database;
	let inbox: ServedInbox;
	let api: ApiClient;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database, { API_TOKEN });
		api = new ApiClient(inbox.url);
	});
	after(async () => {
		await inbox?.close();
		await database?.close();
	});

	it('has samples that work', async () => {
		const samples = Array.from(TEXT.matchAll(/^```sh\n(curl.*?)^```/gms), ([, sample = '']) => sample);
		expect(samples).to.have.lengthOf(4);
		const outputs: string[] = [];
		for (const sample of samples) {
			const env = { ...process.env, INBOX: inbox.url, API_TOKEN };
			outputs.push((await promisify(execFile)('sh', ['-c', sample], { env })).stdout);
		}
		const [registered, found, message, statistics] = outputs.map((output) => output && JSON.parse(output));
		expect(registered).to.equal('');
		expect(found).to.deep.equal({ messages: [] });
		expect(message.messages[0]).to.include({
			messageId: '369500617770864640',
			state: 'submitted',
			reference: 'order-7',
		});
		expect(statistics).to.include({ zone: 'America/New_York' });
	});

	it('lists all filters, fields, statuses and paths', async () => {
		expect(firstColumn('parameter')).to.have.members(Object.keys(FILTERS));
		const { components, paths } = await api.document();
		expect(firstColumn('field')).to.have.members(Object.keys(components.schemas.Registration.properties));
		expect(firstColumn('status')).to.have.members(Object.keys(MEANINGS));
		for (const name of Object.keys(paths)) expect(TEXT).to.include(`/api${name}`);
	});

	it('shows an error as it is sent', async () => {
		const [, sample = ''] = /^```json\n(.*?)^```/ms.exec(TEXT) ?? [];
		expect((await api.get('/messages?state=lost')).json).to.deep.equal(JSON.parse(sample));
	});
});
