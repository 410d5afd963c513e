import { expect } from 'chai';
import { type Forwarder, startForwarder } from '../../lib/forward/forwarder.js';
import { type OverdueEvents, recordOverdueEvents } from '../../lib/forward/overdue-events.js';
import { type Logger, makeLogger } from '../../lib/log.js';
import type { Database } from '../../lib/store/database.js';
import { Outbox } from '../../lib/store/outbox.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { Application, type ReceivedEvent } from '../support/application.js';
import { eventually } from '../support/eventually.js';
import { readReply, report } from '../support/report-request.js';
import { LogLines } from '../support/serve.js';
import { clear, START_TIMEOUT_MS } from '../support/temporary-database.js';

/** Tests that events reach the application; run on every database. */
export function describeForwarding(open: () => Promise<Database>): void {
	let database: Database;
	let reports: ReportRepository;
	let outbox: Outbox;
	let application: Application;
	let forwarders: Forwarder[] = [];
	let recorders: OverdueEvents[] = [];
	let givenUp = 0;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		database = await open();
		reports = new ReportRepository(database);
		outbox = new Outbox(database);
	});
	beforeEach(async () => {
		application = await Application.start();
		givenUp = 0;
		await outbox.turn(true);
	});
	afterEach(async () => {
		await Promise.all([...recorders, ...forwarders].map((one) => one.stop()));
		[recorders, forwarders] = [[], []];
		await application.close();
		await clear(database);
		expect(application.refused).to.deep.equal([]);
		expect(await database.query('SELECT id FROM events')).to.deep.equal([]);
	});
	after(() => database?.close());

	function start(times = {}, log: Logger = makeLogger('silent')) {
		const forwarder = startForwarder(outbox, application, log, () => givenUp++, times);
		forwarders.push(forwarder);
		return forwarder;
	}

	/** Stores reports of a message with these MMStatuses, one after the other. */
	async function store(messageId: string, ...statuses: string[]): Promise<void> {
		for (const mmStatus of statuses) await reports.store(await report({ messageId, mmStatus }));
		nudge();
	}

	/** As the inbox does after it has stored something. */
	function nudge(): void {
		for (const forwarder of forwarders) forwarder.nudge();
	}

	const received = (count: number) => eventually(`${count} events`, () => application.events.length >= count);
	const pending = async () => (await outbox.pending()).count;
	const allSent = () => eventually('the outcomes', async () => (await pending()) === 0);
	/** Makes every retry due. */
	const makeDue = () =>
		database.write({ sql: `UPDATE events SET due_at = ${database.dialect.timeAfter('0')} WHERE due_at IS NOT NULL` });
	const attempts = async () => {
		const rows = await database.query<{ attempts: string }>('SELECT attempts FROM events ORDER BY id');
		return rows.map((row) => JSON.parse(row.attempts));
	};

	it('sends each change of a state once, in order, with what led to it', async () => {
		start();
		await store('m1', 'Forwarded', 'Deferred', 'Retrieved', 'Expired');
		await received(2);
		await allSent();
		const [first, second] = application.events as [ReceivedEvent, ReceivedEvent];
		expect(first).to.include({ type: 'message.updated' });
		expect(first.data).to.include({ messageId: 'm1', state: 'pending', mmStatus: 'Forwarded', final: false });
		expect(first.data).not.to.have.property('previousState');
		expect(second.data).to.include({ state: 'delivered', previousState: 'pending', final: true, provider: 'default' });
		expect(second.data['id']).to.equal(first.data['id']).and.to.be.a('string');
		expect(second.data['since']).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
		expect(first.id).to.match(/^evt_/).and.not.equal(second.id);
		expect(application.events).to.have.lengthOf(2);
	});

	it('sends a read reply, and no event for its copy', async () => {
		start();
		await store('m1', 'Retrieved');
		const reply = await readReply({ messageId: 'm1' });
		await reports.store(reply);
		await reports.store(reply);
		await received(2);
		await allSent();
		expect(application.events.map(({ type }) => type)).to.deep.equal(['message.updated', 'message.read']);
		const { data } = application.events[1] as ReceivedEvent;
		expect(data).to.include({ messageId: 'm1', state: 'delivered', mmStatus: 'Retrieved' });
		expect(data['readReply']).to.include({ state: 'read' }).and.to.have.keys('state', 'date', 'receivedAt');
	});

	it('sends a read reply that is all that is known of a message', async () => {
		start();
		await reports.store(await readReply({ messageId: 'm1' }));
		await received(1);
		await allSent();
		expect(application.events.map(({ type, data }) => [type, data['state']])).to.deep.equal([
			['message.read', 'delivered'],
		]);
	});

	it('records no events while forwarding is off', async () => {
		await outbox.turn(false);
		await store('m1', 'Forwarded', 'Retrieved');
		expect(await pending()).to.equal(0);
		expect(await outbox.resend('m1')).to.equal(false);
	});

	it('sends one event for each message that becomes overdue, from several processes', async () => {
		start();
		recorders = Array.from({ length: 3 }, () => recordOverdueEvents(outbox, 300, makeLogger('error'), nudge, 20));
		await eventually('the mark', async () => (await database.query('SELECT name FROM settings')).length === 2);
		await store('m1', 'Forwarded');
		await store('m2', 'Retrieved');
		await reports.register({ messageId: 'm3', recipients: ['12015550100'], reference: 'order 7' });
		await received(4);
		await allSent();
		// only the events of one message are in order
		const overdue = application.events
			.filter(({ type }) => type === 'message.overdue')
			.map(({ data }) => data)
			.sort((one, other) => String(one['messageId']).localeCompare(String(other['messageId'])));
		expect(overdue).to.have.lengthOf(2);
		// none for the registration
		expect(application.events).to.have.lengthOf(4);
		expect(overdue[0]).to.include({ messageId: 'm1', state: 'pending', mmStatus: 'Forwarded' });
		expect(overdue[1]).to.include({ messageId: 'm3', state: 'submitted', reference: 'order 7' });
		expect(overdue[1]).not.to.have.any.keys('mmStatus', 'transactionId');
	});

	it('records the event of each overdue message once, however many start at the same time', async () => {
		const [start, hour] = [Date.now() - 2 * 3_600_000, Date.now() - 3_600_000];
		await outbox.recordOverdue(new Date(start));
		const recipients = Array.from({ length: 250 }, (_, n) => String(12_015_550_000 + n));
		await reports.register({ messageId: 'm', recipients, submittedAt: new Date(hour) });
		for (let n = 1; n <= 10; n++) {
			await reports.register({ messageId: `m${n}`, recipients: ['1'], submittedAt: new Date(hour + n) });
		}
		expect(await outbox.recordOverdue(new Date())).to.deep.equal({ hasNews: true, more: true });
		expect(await outbox.recordOverdue(new Date())).to.deep.equal({ hasNews: true, more: false });
		expect(await outbox.recordOverdue(new Date())).to.deep.equal({ hasNews: false, more: false });
		// another process with a longer OVERDUE_AFTER
		await outbox.recordOverdue(new Date(start));
		expect((await outbox.recordOverdue(new Date())).hasNews).to.equal(false);
		const keys = await database.query<{ key: string }>('SELECT message_key AS "key" FROM events');
		expect([keys.length, new Set(keys.map(({ key }) => key)).size]).to.deep.equal([260, 260]);
	});

	it('sends one event for each message that is overdue when it first becomes known', async () => {
		start();
		recorders = Array.from({ length: 2 }, () => recordOverdueEvents(outbox, 300, makeLogger('error'), nudge, 20));
		await eventually('the mark', async () => (await database.query('SELECT name FROM settings')).length === 2);
		const longAgo = new Date(Date.now() - 3_600_000);
		const register = (messageId: string, submittedAt?: Date) =>
			reports.register({ messageId, recipients: ['12015550123'], submittedAt });
		await register('submitted', longAgo);
		await register('submitted', longAgo);
		// the request was in a queue
		await reports.store({ ...(await report({ messageId: 'reported', mmStatus: 'Forwarded' })), receivedAt: longAgo });
		await store('registered late', 'Forwarded');
		await register('registered late', longAgo);
		await store('delivered', 'Retrieved');
		await register('delivered', longAgo);
		await register('corrected', longAgo);
		await register('corrected', new Date(Date.now() - 250));
		await register('on time');
		const types = (messageId: string) =>
			application.events.filter(({ data }) => data['messageId'] === messageId).map(({ type }) => type);
		await eventually('the last event', () => types('on time').length > 0);
		await store('submitted', 'Forwarded');
		await eventually('the report', () => types('submitted').length > 1);
		await allSent();
		expect(types('submitted')).to.deep.equal(['message.overdue', 'message.updated']);
		expect(types('reported')).to.deep.equal(['message.updated', 'message.overdue']);
		expect(types('registered late')).to.deep.equal(['message.updated', 'message.overdue']);
		expect(types('delivered')).to.deep.equal(['message.updated']);
		expect(types('corrected')).to.deep.equal(['message.overdue']);
		expect(types('on time')).to.deep.equal(['message.overdue']);
	});

	it('drops what is waiting when it is turned off', async () => {
		await store('m1', 'Forwarded', 'Retrieved');
		await outbox.turn(false);
		expect(await pending()).to.equal(0);
		await outbox.turn(true);
		start();
		await store('m2', 'Retrieved');
		await received(1);
		await allSent();
		expect(application.events.map(({ data }) => data['messageId'])).to.deep.equal(['m2']);
	});

	it('retries an event with the same id, and keeps the later ones of its message back', async () => {
		const log = new LogLines();
		start({}, makeLogger('info', log));
		application.respond = (_event, res) => res.writeHead(500).end('x'.repeat(2000));
		await store('m1', 'Forwarded', 'Retrieved');
		await store('m2', 'Retrieved');
		await received(2);
		await eventually('the attempts', async () => (await attempts()).flat().length === 2);
		expect(application.statesOf('m1')).to.deep.equal(['pending']);
		expect((await attempts())[0]).to.have.lengthOf(1);
		expect((await attempts())[0][0])
			.to.include({ status: 500, response: 'x'.repeat(1024) })
			.and.to.have.keys('startedAt', 'durationMs', 'status', 'response');
		application.respond = undefined;
		await makeDue();
		nudge();
		await received(5);
		await allSent();
		expect(application.statesOf('m1')).to.deep.equal(['pending', 'pending', 'delivered']);
		const [one, two] = application.events.filter(({ data }) => data['messageId'] === 'm1');
		expect(one?.id).to.equal(two?.id);
		expect(new Set(application.events.map(({ id }) => id)).size).to.equal(3);
		expect(log.lines.map((line) => JSON.parse(line).msg)).to.deep.equal([
			'the application did not accept an event; it will be retried',
			'the application accepts events again',
		]);
	});

	it('gives up after 410, and goes on with the next event of the message', async () => {
		const log = new LogLines();
		start({}, makeLogger('error', log));
		application.respond = ({ data }, res) => res.writeHead(data['state'] === 'pending' ? 410 : 200).end();
		await store('m1', 'Forwarded', 'Retrieved');
		await received(2);
		await allSent();
		expect(givenUp).to.equal(1);
		expect(JSON.parse(log.lines[0] ?? '')).to.include({ messageId: 'm1', status: 410, attempts: 1 });
		expect(application.statesOf('m1')).to.deep.equal(['pending', 'delivered']);
	});

	it('gives up after 18 attempts', async () => {
		start();
		application.respond = (_event, res) => res.writeHead(503).end();
		await store('m1', 'Retrieved');
		for (let count = 1; count <= 18; count++) {
			await received(count);
			await eventually('the attempt', async () => (await attempts())[0].length === count);
			await makeDue();
			nudge();
		}
		await allSent();
		expect(givenUp).to.equal(1);
		expect(application.events).to.have.lengthOf(18);
	});

	it('sends the current state again when asked to, as a new event', async () => {
		start();
		await store('m1', 'Forwarded', 'Retrieved');
		await received(2);
		const key = String(application.events[0]?.data['id']);
		expect(await outbox.resend(key)).to.equal(true);
		expect(await outbox.resend('unknown')).to.equal(false);
		await received(3);
		await allSent();
		expect(application.statesOf('m1')).to.deep.equal(['pending', 'delivered', 'delivered']);
		expect(new Set(application.events.map(({ id }) => id)).size).to.equal(3);
	});

	it('does not follow redirects, and waits a limited time', async () => {
		start({ attemptTimeoutMs: 300 });
		application.respond = ({ data }, res) => {
			if (data['messageId'] === 'm1') res.writeHead(307, { location: application.url }).end();
		};
		await store('m1', 'Retrieved');
		await store('m2', 'Retrieved');
		await eventually('the attempts', async () => (await attempts()).flat().length === 2);
		const [[first], [second]] = await attempts();
		expect(first).to.include({ status: 307 });
		expect(second).to.include({ error: 'No response within 0.3 seconds' });
		expect(application.events).to.have.lengthOf(2);
	});

	it('reads the first kilobyte of a response, and does not wait for its end', async () => {
		start({ attemptTimeoutMs: 300 });
		application.respond = ({ data }, res) => {
			res.writeHead(200).write(data['messageId'] === 'large' ? 'x'.repeat(1_000_000) : 'begun');
		};
		await store('large', 'Retrieved');
		await store('endless', 'Retrieved');
		await allSent();
		const found = (await attempts()).flat().map(({ status, response }) => [status, response.length]);
		expect(found).to.deep.equal([
			[200, 1024],
			[200, 5],
		]);
		expect(application.events).to.have.lengthOf(2);
	});

	it('sends at most ten events at a time, and reads no more of them', async () => {
		application.respond = (_event, res) => setTimeout(() => res.writeHead(204).end(), 20);
		const batch = Array.from({ length: 60 }, (_, n) => store(`m${n}`, 'Retrieved'));
		await Promise.all(batch);
		start();
		await received(60);
		await allSent();
		expect(application.maxRequests).to.be.within(2, 10);
		expect(application.events).to.have.lengthOf(60);
	});

	it('sends each event once from several processes', async () => {
		for (let n = 1; n <= 3; n++) start();
		const batch = Array.from({ length: 100 }, (_, n) => store(`m${n}`, 'Forwarded', 'Retrieved'));
		await Promise.all(batch);
		await received(200);
		await allSent();
		expect(application.events).to.have.lengthOf(200);
		for (let n = 0; n < 100; n++) expect(application.statesOf(`m${n}`)).to.deep.equal(['pending', 'delivered']);
	});

	it('leaves an event to the next process if it is stopped during the request', async function () {
		this.timeout(20_000);
		const forwarder = start();
		application.respond = () => {};
		await store('m1', 'Retrieved');
		await received(1);
		await forwarder.stop();
		application.respond = undefined;
		start();
		await received(2);
		await allSent();
		expect(application.events[0]?.id).to.equal(application.events[1]?.id);
	});
}
