import { expect } from 'chai';
import { parseReadReply } from 'mm7-delivery-reports';
import { makeLogger } from '../../lib/log.js';
import { type Database, DatabaseError } from '../../lib/store/database.js';
import { Outbox } from '../../lib/store/outbox.js';
import { RefusalRepository } from '../../lib/store/refusal-repository.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { API_TOKEN, ApiClient, authorization } from '../support/api-client.js';
import { eventually } from '../support/eventually.js';
import { refusalCount } from '../support/refusals.js';
import { type ReportFields, readReplyXml, report, reportXml, sendReport } from '../support/report-request.js';
import { LogLines, type ServedInbox, serveInbox } from '../support/serve.js';
import { clear, openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

const FORWARD_SECRET = `whsec_${Buffer.alloc(24, 1).toString('base64')}`;

describe('the API', () => {
	let database: Database;
	let inbox: ServedInbox;
	let api: ApiClient;
	let reports: ReportRepository;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database, { API_TOKEN });
		api = new ApiClient(inbox.url);
		reports = new ReportRepository(database);
	});
	beforeEach(() => clear(database));
	after(async () => {
		await inbox?.close();
		await database?.close();
	});

	async function add(fields: ReportFields = {}, receivedAt = new Date()): Promise<void> {
		await reports.store({ ...(await report(fields)), receivedAt }, { xml: reportXml(fields) });
	}

	/** Serves the API of a database that fails once the inbox has started. */
	async function withFailing(error: Error, test: (api: ApiClient, lines: string[]) => Promise<void>): Promise<void> {
		let fails = false;
		const failing = { ...database };
		for (const name of ['query', 'search', 'write'] as const) {
			failing[name] = async (...values: never[]) => {
				if (fails) throw error;
				return (database[name] as (...values: never[]) => Promise<never[]>)(...values);
			};
		}
		const log = new LogLines();
		const served = await serveInbox(failing, { API_TOKEN }, makeLogger('error', log));
		fails = true;
		await test(new ApiClient(served.url), log.lines).finally(served.close);
	}

	describe('access', () => {
		it('needs the token, which does not open the page, and not the page’s token', async () => {
			for (const headers of [
				{},
				inbox.bearer,
				{ Authorization: `Bearer ${API_TOKEN}x` },
				{ Authorization: `Basic ${API_TOKEN}` },
			]) {
				const response = await fetch(`${inbox.url}/api/messages`, { headers: headers as Record<string, string> });
				expect(response.status).to.equal(401);
				expect(response.headers.get('www-authenticate')).to.equal('Bearer realm="mm7-inbox"');
				expect(await response.json()).to.include({ title: 'Unauthorized', status: 401 });
			}
			expect((await fetch(inbox.url, { headers: authorization() })).status).to.equal(401);
			expect((await fetch(`${inbox.url}/api/openapi.json`)).status).to.equal(401);
			expect(
				(await api.call('GET', '/messages', { headers: { Authorization: `bearer  ${API_TOKEN}` } })).status,
			).to.equal(200);
		});

		it('is closed without API_TOKEN', async () => {
			const served = await serveInbox(database);
			for (const headers of [{}, { Authorization: 'Bearer ' }, served.bearer] as Record<string, string>[]) {
				const response = await fetch(`${served.url}/api/messages`, { headers });
				expect(response.status).to.equal(404);
				expect(await response.json())
					.to.have.property('detail')
					.that.includes('API_TOKEN');
			}
			await served.close();
		});

		it('responds with 405 and Allow to other methods, and with 404 to other paths', async () => {
			const wrong = [
				['POST', '/messages', 'GET, HEAD'],
				['DELETE', '/messages/a', 'GET, HEAD, PUT'],
				['PUT', '/statistics', 'GET, HEAD'],
				['POST', '/openapi.json', 'GET, HEAD'],
			] as const;
			for (const [method, path, allow] of wrong) {
				const { status, headers } = await api.call(method, path);
				expect([status, headers.get('allow')], `${method} ${path}`).to.deep.equal([405, allow]);
			}
			for (const path of ['', '/', '/message', '/messages/', '/messages/a/b', '/Messages']) {
				expect((await api.get(path)).status, path).to.equal(404);
			}
			expect((await fetch(`${inbox.url}/api/messages`, { method: 'HEAD', headers: authorization() })).status).to.equal(
				200,
			);
		});
	});

	describe('GET /messages', () => {
		it('lists messages with what the page shows, and without absent values', async () => {
			const at = new Date('2026-07-07T14:03:59.123Z');
			await add(
				{
					messageId: 'a',
					transactionId: 't',
					mmStatus: 'Expired',
					statusText: 'Too late',
					sender: 'Acme',
					recipient: '+1 201',
				},
				at,
			);
			await sendReport(inbox.url, reportXml({ messageId: 'b', mmStatus: 'Retrieved' }));
			const { status, json } = await api.get('/messages');
			expect(status).to.equal(200);
			expect(json).to.have.all.keys('messages');
			expect(json.messages[0]).to.include({ messageId: 'b', state: 'delivered', provider: 'default' });
			const [, { id, ...rest }] = json.messages;
			expect(rest).to.deep.equal({
				messageId: 'a',
				provider: 'default',
				recipient: '+1 201',
				sender: 'Acme',
				state: 'failed',
				mmStatus: 'Expired',
				statusText: 'Too late',
				transactionId: 't',
				operator: '0001234',
				since: '2026-07-07T14:03:59.123Z',
			});
			expect((await api.get(`/messages/${id}`)).json.messageId).to.equal('a');
		});

		it('filters, and continues where a page ended', async () => {
			for (let n = 0; n < 7; n++) await add({ messageId: `m${n}`, mmStatus: n % 2 ? 'Expired' : 'Retrieved' });
			const pages: string[][] = [];
			let cursor: string | undefined = '';
			while (cursor !== undefined) {
				const { json }: { json: { messages: { messageId: string }[]; next?: string } } = await api.get(
					`/messages?limit=2&state=delivered&mmStatus=retrieved&mmStatus=Rejected&cursor=${cursor}`,
				);
				pages.push(json.messages.map(({ messageId }) => messageId));
				cursor = json.next;
			}
			expect(pages).to.deep.equal([
				['m6', 'm4'],
				['m2', 'm0'],
			]);
		});

		it('rejects unknown and invalid parameters by name', async () => {
			const wrong = {
				status: 'status=Expired',
				State: 'State=failed',
				state: 'state=lost',
				from: 'from=yesterday',
				limit: 'limit=201',
				cursor: 'cursor=1',
				to: 'to=2026-07-07T14:00Z&to=2026-07-08T14:00Z',
				q: `q=${'x'.repeat(4001)}`,
			};
			for (const [parameter, query] of Object.entries(wrong)) {
				const { status, json } = await api.get(`/messages?${query}`);
				expect(status, query).to.equal(400);
				expect(json.errors, query).to.have.lengthOf(1);
				expect(json.errors[0], query).to.have.property('parameter', parameter);
				expect(json.detail).to.include(`"${parameter}"`);
			}
			expect((await api.get('/choices?q=1')).status).to.equal(400);
			expect((await api.get('/messages/a?q=1')).status).to.equal(400);
		});
	});

	describe('GET /messages/{id}', () => {
		it('returns every report and read reply', async () => {
			await add({ messageId: 'a', transactionId: 't1', mmStatus: 'Forwarded', date: '2026-03-16T14:03:51.749Z' });
			await add({ messageId: 'a', mmStatus: 'Retrieved' });
			await add({ messageId: 'a', recipient: '12015550999' });
			const reply = readReplyXml({ messageId: 'a' });
			await reports.store(await parseReadReply(reply, { 'content-type': 'text/xml' }), { xml: reply });
			const { json } = await api.get('/messages?messageId=a&recipient=12015550123');
			const { status, json: story } = await api.get(`/messages/${json.messages[0].id}`);
			expect(status).to.equal(200);
			expect(story).to.include({
				messageId: 'a',
				state: 'delivered',
				mmStatus: 'Retrieved',
				final: true,
				reportCount: 3,
			});
			expect(story.reports.map(({ kind, state }: Record<string, string>) => [kind, state])).to.deep.equal([
				['delivery', 'pending'],
				['delivery', 'delivered'],
				['read', 'read'],
			]);
			expect(story.reports[0]).to.include({ transactionId: 't1', date: '2026-03-16T14:03:51.749Z' });
			expect(story.otherRecipients).to.have.lengthOf(1);
			const [{ id, ...other }] = story.otherRecipients;
			expect(other).to.include({ recipient: '12015550999' });
			expect((await api.get(`/messages/${id}`)).json.reportCount).to.equal(1);
		});

		it('redirects a MessageID to the list of its messages', async () => {
			const messageId = 'a/b c&d?é';
			await add({ messageId, recipient: '12015550001' });
			await add({ messageId, recipient: '12015550002' });
			const path = `/messages/${encodeURIComponent(messageId)}`;
			expect((await api.get(path)).status).to.equal(303);
			const followed = await fetch(`${inbox.url}/api${path}`, { headers: authorization() });
			expect(((await followed.json()) as { messages: unknown[] }).messages).to.have.lengthOf(2);
		});

		it('responds with 404 if there is none', async () => {
			for (const id of ['none', 'x'.repeat(1_000)]) expect((await api.get(`/messages/${id}`)).status).to.equal(404);
			expect((await api.get('/messages/%E0')).status).to.equal(400);
		});
	});

	describe('PUT /messages/{messageId}', () => {
		it('registers a message before or after its first report', async () => {
			const body = {
				recipients: ['+1 201 555 0123'],
				sender: '54321',
				submittedAt: '2026-03-16T15:00:00+01:00',
				reference: 'order-7',
			};
			for (const time of ['first', 'again']) expect((await api.put('a b', body)).status, time).to.equal(204);
			const { json } = await api.get('/messages?reference=order-7');
			expect(json.messages).to.have.lengthOf(1);
			expect(json.messages[0]).to.deep.include({
				messageId: 'a b',
				recipient: '+1 201 555 0123',
				sender: '54321',
				state: 'submitted',
				since: '2026-03-16T14:00:00.000Z',
				reference: 'order-7',
			});
			expect(json.messages[0]).not.to.have.any.keys('mmStatus', 'transactionId', 'statusText');
			await add({ messageId: 'a b', mmStatus: 'Retrieved' });
			const { json: list } = await api.get('/messages');
			expect(list.messages).to.have.lengthOf(1);
			expect(list.messages[0]).to.include({ state: 'delivered', reference: 'order-7' });
			const { json: story } = await api.get(`/messages/${list.messages[0].id}`);
			expect(story).to.deep.include({ reference: 'order-7', submittedAt: '2026-03-16T14:00:00.000Z', reportCount: 1 });
		});

		it('shows the sender as it was reported, in lists and messages, unless another one was registered', async () => {
			await add({ messageId: 'same', sender: 'Acme Shop' });
			await add({ messageId: 'other', sender: '54321' });
			for (const messageId of ['same', 'other']) {
				expect((await api.put(messageId, { recipients: ['12015550123'], sender: 'ACME Shop' })).status).to.equal(204);
				const { json } = await api.get(`/messages?messageId=${messageId}`);
				const { json: story } = await api.get(`/messages/${json.messages[0].id}`);
				const expected = messageId === 'same' ? 'Acme Shop' : 'acme shop';
				expect([json.messages[0].sender, story.sender], messageId).to.deep.equal([expected, expected]);
			}
		});

		it('accepts a thousand recipients', async () => {
			const recipients = Array.from({ length: 1_000 }, (_, n) => String(12_015_550_000 + n));
			expect((await api.put('a', { recipients })).status).to.equal(204);
			expect((await api.get('/choices')).json.provider).to.deep.equal([{ value: 'default', count: 1_000 }]);
		}).timeout(START_TIMEOUT_MS);

		it('rejects unknown and invalid fields by their JSON pointer', async () => {
			const recipients = ['1'];
			const wrong: [pointer: string, body: unknown][] = [
				['#', []],
				['#', { recipients, content: 'Hello' }],
				['#/recipients', {}],
				['#/recipients', { recipients: [] }],
				['#/recipients', { recipients: Array(1_001).fill('1') }],
				['#/recipients/1', { recipients: ['1', ' '] }],
				['#/recipients/0', { recipients: [1] }],
				['#/submittedAt', { recipients, submittedAt: '2026-03-16' }],
				['#/submittedAt', { recipients, submittedAt: '2999-03-16T14:00:00Z' }],
				['#/submittedAt', { recipients, submittedAt: '1969-12-31T23:59:59Z' }],
				['#/submittedAt', { recipients, submittedAt: '0001-01-01T00:00:00Z' }],
				['#/reference', { recipients, reference: 'x'.repeat(201) }],
				['#/sender', { recipients, sender: null }],
				['#/provider', { recipients, provider: 'other' }],
			];
			for (const [pointer, body] of wrong) {
				const { status, json } = await api.put('a', body as object);
				expect(status, JSON.stringify(body)).to.equal(400);
				expect(json.errors[0], JSON.stringify(body)).to.have.property('pointer', pointer);
			}
			const { json } = await api.put('x'.repeat(301), { recipients });
			expect(json.errors[0].parameter).to.equal('id');
			for (const body of ['', '{', '"a"', 'null'])
				expect((await api.call('PUT', '/messages/a', { body })).status, body).to.equal(400);
			expect((await api.get('/messages')).json.messages).to.deep.equal([]);
		});

		it('rejects large bodies, and those that are not JSON', async () => {
			const body = JSON.stringify({ recipients: ['1'], sender: 'x'.repeat(1024 * 1024) });
			expect((await api.call('PUT', '/messages/a', { body })).status).to.equal(413);
			const form = { body: 'recipients=1', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } };
			expect((await api.call('PUT', '/messages/a', form)).status).to.equal(415);
		});
	});

	describe('POST /messages/{id}/resend', () => {
		it('records an event for the application', async () => {
			const served = await serveInbox(database, { API_TOKEN, FORWARD_URL: 'http://127.0.0.1:9/', FORWARD_SECRET });
			const forwarding = new ApiClient(served.url);
			await add({ messageId: 'a' });
			const { json } = await forwarding.get('/messages');
			const resend = (id: string) => forwarding.call('POST', `/messages/${id}/resend`);
			const count = async () =>
				(await database.query<{ count: number }>('SELECT count(*) AS count FROM events'))[0]?.count;
			const before = Number(await count());
			expect((await resend(json.messages[0].id)).status).to.equal(204);
			expect(await count()).to.equal(before + 1);
			const { json: story } = await forwarding.get(`/messages/${json.messages[0].id}`);
			expect(story.events[0]).to.include({ type: 'message.updated', state: 'delivered' });
			expect(story.events[0].attempts).to.be.an('array');
			expect((await resend('none')).status).to.equal(404);
			await served.close();
			await new Outbox(database).turn(false);
			expect((await api.call('POST', `/messages/${json.messages[0].id}/resend`)).status).to.equal(409);
		});
	});

	describe('POST /erasures', () => {
		it('erases a number in any notation, and says what it was in', async () => {
			await add({ messageId: 'a', recipient: '12015550199' });
			await add({ messageId: 'b', recipient: '12015550123' });
			const erase = (number: string) => api.call('POST', '/erasures', { body: JSON.stringify({ number }) });
			const { status, json } = await erase('+1 (201) 555-0199');
			expect([status, json]).to.deep.equal([200, { messages: 1, reports: 1, refused: 0 }]);
			const { json: list } = await api.get('/messages');
			expect(list.messages.map(({ recipient }: { recipient: string }) => recipient)).to.have.members([
				'12015550123',
				'erased',
			]);
			expect((await erase('0123')).json.errors[0].pointer).to.equal('#/number');
		});
	});

	describe('with MASK_NUMBERS', () => {
		it('responds with no complete phone number, and finds it all the same', async () => {
			const served = await serveInbox(database, { API_TOKEN, MASK_NUMBERS: 'true' });
			const masked = new ApiClient(served.url);
			await masked.put('a', { recipients: ['12015550123'], sender: '12015550199' });
			await add({ messageId: 'a', sender: '12015550199', statusText: 'Sent to 12015550123' });
			const { json } = await masked.get('/messages?recipient=12015550123&sender=12015550199');
			expect(json.messages[0].recipient).to.equal('…0123');
			const paths = [`/messages/${json.messages[0].id}`, '/choices', '/statistics', '/messages?q=12015550123'];
			for (const path of paths) expect(JSON.stringify((await masked.get(path)).json), path).not.to.match(/\d{11}/);
			await served.close();
		});
	});

	describe('the filter overdue', () => {
		it('lists registered messages without a report, and needs OVERDUE_AFTER', async () => {
			await api.put('a', { recipients: ['1'], submittedAt: '2026-03-16T14:00:00Z' });
			await api.put('b', { recipients: ['1'] });
			const { status, json } = await api.get('/messages?overdue=no-report');
			expect([status, json.errors[0].parameter]).to.deep.equal([400, 'overdue']);
			const served = await serveInbox(database, { API_TOKEN, OVERDUE_AFTER: '72h' });
			const { json: overdue } = await new ApiClient(served.url).get('/messages?overdue=no-report');
			expect(overdue.messages.map(({ messageId }: { messageId: string }) => messageId)).to.deep.equal(['a']);
			await served.close();
		});
	});

	describe('the other lists', () => {
		function refusalsStored(count: number): Promise<void> {
			return eventually('the refused requests', async () => (await api.get('/refused')).json.requests.length === count);
		}

		it('return the statistics, the choices and the refused requests', async () => {
			await add({ messageId: 'a', mmStatus: 'Retrieved' });
			await sendReport(inbox.url, '<broken>');
			const { json: statistics } = await api.get('/statistics?span=week&zone=America/New_York');
			expect(statistics).to.include({ total: 1, deliveryRate: 1, period: 'day', zone: 'America/New_York' });
			expect(statistics.bars.at(-1)).to.include({ total: 1 });
			expect((await api.get('/statistics?zone=Mars')).json.errors[0].parameter).to.equal('zone');
			expect((await api.get('/choices?span=day')).json.mmStatus).to.deep.equal([{ value: 'Retrieved', count: 1 }]);
			await refusalsStored(1);
			const { json: refused } = await api.get('/refused');
			expect(refused.counts).to.have.lengthOf(1);
			expect(refused.counts[0]).to.include({ reason: 'ERR_MM7_XML', count: 1 });
			expect(refused.requests[0]).to.include({ reason: 'ERR_MM7_XML', method: 'POST', path: '/mm7' });
			expect((await api.get('/refused?reason=ERR_MM7_BODY')).json.requests).to.deep.equal([]);
		});

		it('counts the refused requests of the same hours as the page', async () => {
			const hour = (hours: number) => new Date(Date.now() - hours * 3_600_000);
			const counts = [refusalCount({ firstAt: hour(24), count: 5 }), refusalCount({ firstAt: hour(23), count: 3 })];
			await new RefusalRepository(database).add({ counts, requests: [] });
			const page = await (await fetch(`${inbox.url}/refused`, { headers: inbox.bearer })).text();
			const [, onPage] = /<td data-label="Requests">([\d,]+)</.exec(page) ?? [];
			expect((await api.get('/refused')).json.counts[0].count)
				.to.equal(Number(onPage))
				.and.to.equal(3);
		});

		it('continues the list of refused requests where a page ended', async () => {
			for (let n = 0; n < 3; n++) await sendReport(inbox.url, `<broken${n}>`);
			await refusalsStored(3);
			const { json: first } = await api.get('/refused?limit=2');
			const { json: second } = await api.get(`/refused?limit=2&cursor=${first.next}`);
			const ids = [...first.requests, ...second.requests].map(({ id }: { id: string }) => id);
			expect(new Set(ids).size).to.equal(3);
			expect(second).not.to.have.property('next');
		});
	});

	describe('failures', () => {
		it('are 503 with Retry-After if the database is down, 422 if a search is slow, and logged without details', async () => {
			await withFailing(new DatabaseError('down: hush', 'unavailable', 'X'), async (failing) => {
				for (const { status, headers, json } of [
					await failing.get('/messages'),
					await failing.put('a', { recipients: ['1'] }),
				]) {
					expect([status, headers.get('retry-after')]).to.deep.equal([503, '5']);
					expect(JSON.stringify(json)).not.to.include('hush');
				}
			});
			await withFailing(new DatabaseError('slow', 'slow', 'X'), async (failing) => {
				const { status, json } = await failing.get('/messages?state=failed');
				expect(status).to.equal(422);
				expect(json.errors[0].parameter).to.equal('from');
			});
			await withFailing(new Error('hush'), async (failing, lines) => {
				const { status, json } = await failing.get('/messages');
				expect(status).to.equal(500);
				expect(JSON.stringify(json)).not.to.include('hush');
				expect(lines.join('')).to.include('hush');
			});
		});
	});

	describe('GET /openapi.json', () => {
		it('documents every operation, with the schemas that check the input', async () => {
			const document = await api.document();
			expect(document.openapi).to.match(/^3\.1\./);
			const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
				Object.keys(methods as object).map((method) => `${method} ${path}`),
			);
			expect(operations).to.have.members([
				...[
					'get /messages',
					'get /messages/{id}',
					'put /messages/{id}',
					'post /messages/{id}/resend',
					'post /erasures',
				],
				...['get /choices', 'get /statistics', 'get /refused'],
			]);
			const parameters = document.paths['/messages'].get.parameters;
			expect(parameters.find(({ name }: { name: string }) => name === 'state').schema).to.deep.equal({
				maxItems: 100,
				type: 'array',
				items: { type: 'string', enum: ['delivered', 'failed', 'pending', 'submitted', 'unknown'] },
			});
			const { Registration } = document.components.schemas;
			expect(Registration.required).to.deep.equal(['recipients']);
			expect(Registration.additionalProperties).to.equal(false);
			expect(Registration.properties.recipients.maxItems).to.equal(1_000);
			const text = JSON.stringify(document);
			const references = [...text.matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name);
			expect(Object.keys(document.components.schemas)).to.include.members(references);
		});
	});
});
