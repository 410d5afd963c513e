import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { Database } from '../lib/store/database.js';
import { API_TOKEN, ApiClient } from './support/api-client.js';
import { eventually } from './support/eventually.js';
import { type ServedInbox, serveInbox } from './support/serve.js';
import { stateCounts } from './support/stored-reports.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from './support/temporary-database.js';

const SIMULATOR = path.join(__dirname, '../../dist/provider/bin.js');

describe('an inbox with a simulated application and provider', function () {
	this.timeout(START_TIMEOUT_MS);
	let database: Database;
	let inbox: ServedInbox;

	before(async () => {
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database, { API_TOKEN, OVERDUE_AFTER: '1s' });
	});
	after(async () => {
		await inbox?.close();
		await database?.close();
	});

	it('knows which messages were never reported on', async () => {
		const options = ['--register', inbox.url, '--token', API_TOKEN, '--count', '60', '--silent', '20%', '--json'];
		const args = ['simulate', `${inbox.url}/mm7`, ...options, '--out-of-order', '30%', '--seed', '7'];
		const { stdout } = await promisify(execFile)(process.execPath, [SIMULATOR, ...args]);
		const { registered, silent } = JSON.parse(stdout);
		expect(registered).to.equal(60);
		expect(silent).to.be.within(2, 30);
		expect(await stateCounts(database)).to.deep.equal({ delivered: 60 - silent, submitted: silent });
		const api = new ApiClient(inbox.url);
		await eventually('the messages to become overdue', async () => {
			const { json } = await api.get('/messages?overdue=no-report&limit=200');
			return json.messages.length === silent;
		});
		expect((await api.get('/messages?overdue=no-receipt')).json.messages).to.deep.equal([]);
		const submitted = await database.query(
			'SELECT 1 FROM messages WHERE submitted_at IS NOT NULL AND reference IS NOT NULL',
		);
		expect(submitted).to.have.lengthOf(60);
	});
});
