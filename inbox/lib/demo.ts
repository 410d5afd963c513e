import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Mm7Error, parseDeliveryReport, parseReadReply } from 'mm7-delivery-reports';
import { type DeliveryReportFields, deliveryReportRequest, readReplyRequest } from 'mm7-delivery-reports/testing';
import type { Config } from './config.js';
import type { Database } from './store/database.js';
import { Outbox } from './store/outbox.js';
import { describeReason, withoutReference } from './store/refusal-reasons.js';
import { RefusalRepository } from './store/refusal-repository.js';
import { ReportRepository } from './store/report-repository.js';
import { DEFAULT_PROVIDER, type Registration } from './store/report-row.js';

const MESSAGES = 1000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SPAN_MS = 30 * DAY_MS;
const OVERDUE_AFTER_MS = 3 * DAY_MS;

/** A report about a message: MMStatus, StatusText, and the longest time since the report before it. */
type Step = readonly [mmStatus: string, statusText: string, maxDelayMs: number];

const FORWARDED: Step = ['Forwarded', 'Sent to the operator', MINUTE_MS];
const DEFERRED: Step = ['Deferred', 'Handset is switched off', 5 * MINUTE_MS];
const READ: Step = ['Read', '', 5 * HOUR_MS];

/** What happens to a hundred messages. */
const LIVES: readonly (readonly Step[])[] = [
	...many(55, FORWARDED, ['Retrieved', 'Success', 15 * MINUTE_MS]),
	...many(12, FORWARDED, ['Retrieved', 'Success', HOUR_MS], READ),
	...many(9, FORWARDED, DEFERRED, ['Retrieved', 'Success', 20 * HOUR_MS]),
	...many(7, FORWARDED, DEFERRED, ['Expired', 'Not fetched in 72 hours', 72 * HOUR_MS]),
	...many(5, ['Rejected', 'Recipient has no MMS', MINUTE_MS]),
	...many(3, ['Rejected', 'Blocked by the operator', MINUTE_MS]),
	...many(2, ['Unrecognised', 'Number not in use', MINUTE_MS]),
	...many(2, FORWARDED, ['Unreachable', 'Handset not reachable', 24 * HOUR_MS]),
	...many(2, FORWARDED, ['Indeterminate', 'No response from the operator', HOUR_MS]),
	...many(1, FORWARDED),
	// registered, and never reported on
	...many(2),
];

const SENDERS = ['54321', '54321', '67890', '24680'];
/** Networks of the country code 001, which is reserved for tests. */
const OPERATORS = ['00101', '00102', '00102', '00103'];
/** American and British numbers that are reserved for fiction: 555-0100 to 0199, and 07700 900000 to 900999. */
const RECIPIENTS: readonly ((n: number) => string)[] = [
	(n) => `1${['201', '312', '415', '617', '702'][n % 5]}55501${String(n % 100).padStart(2, '0')}`,
	(n) => `447700900${String(n % 1000).padStart(3, '0')}`,
];

/** Requests that cannot be parsed, with their Content-Type. */
const UNREADABLE: readonly (readonly [contentType: string, body: string])[] = [
	['text/xml', deliveryReportRequest({ messageId: null }).body.toString()],
	['text/xml', deliveryReportRequest().body.toString().replace('</MessageID>', '</MessageId>')],
	['text/xml', deliveryReportRequest().body.toString().slice(0, 500)],
	['text/html', '<html><body><h1>502 Bad Gateway</h1></body></html>'],
	['application/json', '{"messageId":"480000000000000001","status":"delivered"}'],
];

/**
 * Makes the configuration of a demo: a database in a temporary folder, which is deleted when this process exits, an
 * application that accepts all events, and a free port unless `PORT` is set.
 */
export async function demoConfig(config: Config): Promise<Config> {
	// never that of the configuration, which may be a real one
	const forward = await startApplication();
	const dataDir = mkdtempSync(path.join(tmpdir(), 'mm7-inbox-demo-'));
	process.on('exit', () => rmSync(dataDir, { recursive: true, force: true }));
	const port = process.env['PORT'] ? config.port : 0;
	const overdueAfterMs = config.overdueAfterMs ?? OVERDUE_AFTER_MS;
	const demo = { port, databaseUrl: undefined, queue: undefined, dataDir, isDemo: true, overdueAfterMs, forward };
	return { ...config, ...demo };
}

/** Starts an application that accepts all events. It ends with this process. */
async function startApplication(): Promise<Config['forward']> {
	const server = createServer((req, res) => void req.resume().once('end', () => res.end('Thank you\n')));
	server.listen(0, '127.0.0.1').unref();
	await once(server, 'listening');
	const { port } = server.address() as AddressInfo;
	return { url: `http://127.0.0.1:${port}/`, secret: `whsec_${randomBytes(32).toString('base64')}` };
}

/**
 * Stores a thousand invented messages of the last 30 days, all of them registered, and some requests of the last day that
 * cannot be parsed.
 */
export async function fillWithDemoData(database: Database, now: number): Promise<void> {
	const reports = new ReportRepository(database);
	const refusals = new RefusalRepository(database);
	const lives = Array.from({ length: MESSAGES }, (_, n) => lifeOf(n, now - Math.floor(SPAN_MS * Math.random())));
	const stored: Promise<unknown>[] = lives.map(({ registration }) =>
		reports.register(registration, registration.submittedAt),
	);
	const events = lives.flatMap(({ events }) => events);
	const past = events.filter(({ at }) => at <= now).sort((one, other) => one.at - other.at);
	for (const { at, fields, isRead } of past) {
		const { body, headers } = isRead ? readReplyRequest(fields) : deliveryReportRequest(fields);
		const parse = isRead ? parseReadReply : parseDeliveryReport;
		const report = await parse(body, headers, { receivedAt: new Date(at) });
		stored.push(reports.store(report, { xml: body.toString() }));
	}
	await Promise.all(stored);
	for (const [index, [contentType, body]] of UNREADABLE.entries()) {
		const error = await parseDeliveryReport(body, { 'content-type': contentType }).catch((reason: Mm7Error) => reason);
		const receivedAt = new Date(now - (DAY_MS * (UNREADABLE.length - index)) / (UNREADABLE.length + 1));
		if (!(error instanceof Error)) continue;
		const refusal = { reason: error.code, provider: DEFAULT_PROVIDER, peer: '192.0.2.7' };
		const request = {
			...refusal,
			receivedAt,
			message: withoutReference(error.message),
			httpStatus: describeReason(error.code).http,
			statusCode: error.statusCode,
			method: 'POST',
			path: '/mm7',
			headers: { 'content-type': contentType },
			size: Buffer.byteLength(body),
			body: Buffer.from(body),
		};
		const count = { ...refusal, count: 1, firstAt: receivedAt, lastAt: receivedAt };
		await refusals.add({ counts: [count], requests: [request] });
	}
	// so that the events of all that are overdue are sent
	await new Outbox(database).recordOverdue(new Date(0));
}

interface DemoEvent {
	readonly at: number;
	readonly isRead: boolean;
	readonly fields: DeliveryReportFields;
}

/** What is registered and reported about a message. */
interface Life {
	readonly registration: Registration & { readonly submittedAt: Date };
	/** Some of them may be in the future. */
	readonly events: readonly DemoEvent[];
}

/** Invents the life of the message of that number, submitted at that time. */
function lifeOf(n: number, submittedAt: number): Life {
	const [recipient, sender, date] = [pick(RECIPIENTS)(n), pick(SENDERS), new Date(submittedAt)];
	const messageId = `48${submittedAt}${String(n).padStart(4, '0')}`;
	const message = { messageId, recipient, sender, operatorId: pick(OPERATORS), date };
	let at = submittedAt;
	const events = pick(LIVES).map((step, index) => {
		const [mmStatus, statusText, maxDelayMs] = step;
		// an expiry comes after exactly its time; most others come early
		at += mmStatus === 'Expired' ? maxDelayMs : maxDelayMs * Math.random() ** 3 + 1000;
		return {
			at,
			isRead: step === READ,
			fields: { ...message, transactionId: `${messageId}-${index + 1}`, mmStatus, statusText: statusText || null },
		};
	});
	const reference = `order-${10_000 + n}`;
	return { registration: { messageId, recipients: [recipient], sender, reference, submittedAt: date }, events };
}

function many(count: number, ...steps: Step[]): Step[][] {
	return Array.from({ length: count }, () => steps);
}

function pick<T>(values: readonly T[]): T {
	return values[Math.floor(Math.random() * values.length)] as T;
}
