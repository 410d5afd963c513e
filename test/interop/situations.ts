import { expect } from 'chai';
import type { DeliveryReport, ReadReply } from '../../lib/index.js';
import type { Conclusion, Driver } from './driver.js';
import { DETAILS, type Mount, type Outcome, PASSWORD, type Receiver, type SeenRequest, USER } from './receiver.js';
import { FIELDS, READ_REPLY, REPORT } from './report.js';
import type { Stack, Way } from './stacks.js';

/** The outcome of a situation on both sides. */
export interface Observation {
	readonly conclusions: readonly Conclusion[];
	readonly reports: readonly (DeliveryReport | ReadReply)[];
	readonly envelopes: readonly string[];
	readonly requests: readonly SeenRequest[];
}

/** A situation between a sender and the receiver. */
export interface Situation {
	readonly name: string;
	/** It applies only to stacks that support this. Default: all. */
	readonly way?: Way;
	readonly mount?: Mount;
	readonly outcome?: Outcome;
	readonly password?: string;
	/** The number of times the report is sent. Default: once. */
	readonly times?: number;
	/** Throws if the handler or the stack did not get what it should. */
	readonly check: (observation: Observation, stack: Stack) => void;
}

const NO_CREDENTIALS = ['', ''] as const;

export function applies({ way }: Situation, { ways }: Stack): boolean {
	return way === undefined || ways.includes(way);
}

/** Has a stack send the reports of a situation. */
export async function observe(driver: Driver, receiver: Receiver, stack: Stack, situation: Situation) {
	const { mount = '/mm7', outcome = 'accept', password, times = 1 } = situation;
	// a stack that cannot send credentials at once waits for the challenge
	const way = situation.way ?? (password !== undefined && !stack.ways.includes('basic') ? 'challenge' : '');
	const job = {
		url: receiver.url(mount),
		credentials: password === undefined ? NO_CREDENTIALS : ([USER, password] as const),
		way,
	};
	receiver.reset(outcome);
	const conclusions: Conclusion[] = [];
	for (let i = 0; i < times; i++) conclusions.push(await driver.send(job));
	const { reports, envelopes, requests } = receiver;
	return { conclusions, reports, envelopes, requests } satisfies Observation;
}

const ACCEPTED: Conclusion = {
	statusCode: 1000,
	statusText: 'Success',
	mm7Version: FIELDS.MM7Version,
	transactionId: FIELDS.TransactionID,
};

/** An expectation about a conclusion; a failure shows all of it. */
const expectIn = (conclusion: Conclusion | undefined) => expect(conclusion, JSON.stringify(conclusion)).to;

function expectAccepted(conclusions: readonly Conclusion[]): void {
	for (const conclusion of conclusions) expectIn(conclusion).include(ACCEPTED).and.not.have.property('exception');
}

/** Expects that the handler got the complete report that many times. */
function expectHandled(reports: Observation['reports'], times: number, expected: object = REPORT): void {
	expect(reports).to.have.length(times);
	for (const { receivedAt: _, dateText: __, extensions, ...report } of reports) {
		expect({ ...report, extensions: { ...extensions } }).to.deep.equal(expected);
	}
}

/** Expects that all reports were accepted and handled. */
function accepted({ conclusions, reports }: Observation): void {
	expectAccepted(conclusions);
	expectHandled(reports, conclusions.length);
}

/** Expects the same, and that all requests match. */
function acceptedIf(isExpected: (request: SeenRequest) => unknown): Situation['check'] {
	return (observation) => {
		accepted(observation);
		expect(observation.requests).to.satisfy((requests: SeenRequest[]) => requests.every(isExpected));
	};
}

/** Expects that the stack saw the failure with its code. */
function failed({ conclusions: [conclusion], reports }: Observation): void {
	expectIn(conclusion).include({ vaspError: 4006 }).and.have.property('exception');
	expectHandled(reports, 1);
}

/** Expects that the request, and not only the response, had the attribute. */
function acceptedIfMarked(observation: Observation): void {
	accepted(observation);
	expectMarked(observation);
}

function expectMarked({ envelopes: [envelope] }: Observation): void {
	expect(envelope).to.match(/TransactionID [^>]*mustUnderstand="1"/);
}

export const SITUATIONS: readonly Situation[] = [
	{ name: 'accepted', check: accepted },
	{ name: 'TransactionID with `mustUnderstand="1"`', way: 'mustUnderstand', check: acceptedIfMarked },
	{
		name: 'the same, `echoMustUnderstand: true`',
		way: 'mustUnderstand',
		mount: '/marked',
		check(observation, { rejectsMustUnderstand }) {
			if (!rejectsMustUnderstand) return acceptedIfMarked(observation);
			expectIn(observation.conclusions[0]).have.property('exception');
			expectMarked(observation);
		},
	},
	{
		name: 'the same, `echoMustUnderstand: false`',
		way: 'mustUnderstand',
		mount: '/unmarked',
		check: acceptedIfMarked,
	},
	{ name: 'TransactionID that the stub knows in requests only', way: 'requestHeader', check: accepted },
	{
		name: 'rejected with 2005',
		outcome: 'reject',
		check({ conclusions: [conclusion], reports }) {
			expectIn(conclusion).include({ statusCode: 2005, statusText: 'Message ID not found', details: DETAILS });
			expectHandled(reports, 1);
		},
	},
	{ name: 'failed: 500 with 4006', outcome: 'fail', check: failed },
	{
		name: 'read reply',
		way: 'readReply',
		check({ conclusions: [conclusion], reports }) {
			expectIn(conclusion).include(ACCEPTED);
			expectHandled(reports, 1, READ_REPLY);
		},
	},
	{
		name: 'read reply without `readReplies`: 500 with 4003',
		way: 'readReply',
		mount: '/reports-only',
		check({ conclusions: [conclusion], reports }) {
			expectIn(conclusion).include({ vaspError: 4003 });
			expectHandled(reports, 0);
		},
	},
	{
		name: 'wrong credentials',
		mount: '/protected',
		password: 'wrong',
		check({ conclusions: [conclusion], reports }) {
			expectIn(conclusion).have.property('exception');
			expect(conclusion?.vaspError ?? conclusion?.httpStatus).to.be.oneOf([4001, 401]);
			expectHandled(reports, 0);
		},
	},
	{
		name: 'right credentials at once',
		way: 'basic',
		mount: '/protected',
		password: PASSWORD,
		check(observation) {
			accepted(observation);
			expect(observation.requests).to.have.length(1);
		},
	},
	{
		name: 'right credentials after the challenge',
		way: 'challenge',
		mount: '/protected',
		password: PASSWORD,
		check(observation) {
			accepted(observation);
			const sent = observation.requests.map(({ headers }) => headers.authorization !== undefined);
			expect(sent).to.deep.equal([false, true]);
		},
	},
	{
		name: 'the same report twice, `deduplicate`',
		mount: '/once',
		times: 2,
		check({ conclusions, reports }) {
			expectAccepted(conclusions);
			expectHandled(reports, 1);
		},
	},
	{
		name: 'gzip',
		way: 'gzip',
		check: acceptedIf(({ headers }) => headers['content-encoding'] === 'gzip'),
	},
	{
		name: 'chunked',
		way: 'chunked',
		check: acceptedIf(({ headers }) => headers['transfer-encoding'] === 'chunked'),
	},
	{
		name: 'two reports on one connection',
		way: 'keepAlive',
		times: 2,
		check(observation) {
			accepted(observation);
			expect(new Set(observation.requests.map(({ socket }) => socket))).to.have.property('size', 1);
		},
	},
	{
		name: '`Expect: 100-continue`',
		way: 'expect',
		check: acceptedIf(({ headers }) => headers.expect === '100-continue'),
	},
	{
		name: 'SOAP 1.2',
		way: 'soap12',
		check: acceptedIf(({ headers }) => headers['content-type']?.startsWith('application/soap+xml')),
	},
	{ name: 'SOAP 1.2, failed: 500 with 4006', way: 'soap12', outcome: 'fail', check: failed },
	{
		name: 'MTOM',
		way: 'mtom',
		check: acceptedIf(({ headers: { 'content-type': type } }) =>
			/^multipart\/related;.*application\/xop\+xml/.test(type ?? ''),
		),
	},
];
