import { strict as assert } from 'node:assert';
import http from 'node:http';
import express from 'express';
import {
	type Address,
	type Authenticate,
	basicAuth,
	type DeduplicateOptions,
	type DeliveryReport,
	type DeliveryState,
	type DuplicateStore,
	duplicateKey,
	EXCHANGE_CHANNEL,
	type Exchange,
	type Handler,
	type HandlerContext,
	type Middleware,
	type Mm7Envelope,
	Mm7Error,
	type Mm7ErrorCode,
	Mm7Rejection,
	Mm7ServiceError,
	type Mm7Status,
	mm7DeliveryReports,
	type Options,
	type ParseOptions,
	parseDeliveryReport,
} from 'mm7-delivery-reports';
import { deliveryReportRequest, judgeAsSinch, type Mm7Answer, parseAnswer } from 'mm7-delivery-reports/testing';

const app = express();
const router = express.Router();
const saved: DeliveryReport[] = [];
const exchanged: unknown[][] = [];

// the request is inferred: Express's, in the handler and in every option
app.use(
	'/inferred',
	mm7DeliveryReports(
		(report, req, { signal }) => {
			const text: string = report.messageId;
			const state: DeliveryState = report.state;
			const number: string | undefined = report.recipient.number;
			const ip: string | undefined = req.ip;
			const agent: string | undefined = req.get('user-agent');
			const same: DeliveryReport | undefined = req.deliveryReport;
			if (signal.aborted || same !== report) throw new Error([text, state, number, ip, agent, req.path].join(' '));
			saved.push(report);
		},
		{
			authenticate: (req) => req.get('authorization') === undefined && req.ip !== undefined,
			readReplies: (reply, req) => console.log(reply.state, req.readReply?.messageId, req.ip),
			otherOperations: (envelope, req) => console.log(envelope.operation, req.hostname),
			onExchange: (exchange, req) => exchanged.push([exchange.httpStatus, req.path, req.get('host')]),
		},
	),
);
app.use(
	'/one-option-inferred',
	mm7DeliveryReports(async () => {}, { onExchange: (_exchange, req) => console.log(req.ip) }),
);
app.use(
	'/narrower-option',
	// what asks for less takes more
	mm7DeliveryReports((_report, req) => console.log(req.ip), {
		authenticate: (req: http.IncomingMessage) => req.headers.authorization !== undefined,
	}),
);
app.use(mm7DeliveryReports(async () => {}));
app.post(
	'/post',
	mm7DeliveryReports(async () => {}),
);
router.post(
	'/post',
	mm7DeliveryReports(async () => ({ statusCode: 2005 })),
);
router.use(mm7DeliveryReports(async () => {}, { deduplicate: true }));

// the request is annotated
app.use(
	'/annotated',
	mm7DeliveryReports(
		async (report, req: express.Request) => {
			const ip: string | undefined = req.ip;
			const envelope: Mm7Envelope | undefined = req.mm7Envelope;
			if (envelope?.transactionId !== report.transactionId) throw new Mm7Rejection(2005, `${ip} ${req.originalUrl}`);
		},
		{
			authenticate: (req) => req.get('authorization') !== undefined,
			onExchange: (exchange, req) => console.log(req.path, exchange.durationMs),
		},
	),
);
router.post(
	'/:tenant',
	mm7DeliveryReports(async (_report, req: express.Request<{ tenant: string }>) => {
		const tenant: string = req.params.tenant;
		if (tenant === '') throw new Mm7ServiceError('no tenant');
	}),
);

// plain node:http, by annotation
const plain = mm7DeliveryReports((report, req: http.IncomingMessage) => console.log(report.final, req.socket), {
	authenticate: (req) => req.headers.authorization !== undefined,
	onExchange: (_exchange, req) => console.log(req.url),
});
const server = http.createServer((req, res) => void plain(req, res, () => res.end()));
app.use('/plain', plain);

// everything is named beforehand
const handler: Handler = async (report: DeliveryReport, _req, context: HandlerContext): Promise<Mm7Status> => {
	const recipient: Address = report.recipient;
	return { statusCode: context.signal.aborted || recipient.kind === 'Text' ? 2001 : 1000 };
};
const handlerOfExpress: Handler<express.Request> = (report, req) => {
	console.log(report.final, req.hostname);
};
const remembered = new Map<string, unknown>();
const store: DuplicateStore = {
	get: async (key) => remembered.get(key),
	set: async (key, value, ttl) => {
		if (ttl !== undefined) remembered.set(key, value);
	},
};
const deduplicate: DeduplicateOptions = { store, ttl: 1000 };
const authenticate: Authenticate<express.Request> = async (req) => req.secure;
const exchanges: Exchange[] = [];
const options: Options = {
	authenticate: basicAuth({ sinch: 'secret' }),
	allowFrom: ['192.0.2.0/24', '127.0.0.1'],
	deduplicate,
	limits: { body: '512kb' },
	otherOperations: 'next',
	onExchange(exchange: Exchange) {
		const code: Mm7ErrorCode | undefined = exchange.error?.code;
		const body: Buffer | undefined = exchange.body;
		if (code !== undefined || body !== undefined) exchanges.push(exchange);
	},
};
const middleware: Middleware = mm7DeliveryReports(handler, options);
const middlewareOfExpress: Middleware<express.Request> = mm7DeliveryReports(handlerOfExpress, { authenticate });
const asExpressTakesIt: express.RequestHandler = mm7DeliveryReports(handler);
app.use('/named', middleware, middlewareOfExpress, asExpressTakesIt);
app.use(['/one', '/two'], express.raw(), mm7DeliveryReports(handler, options));

// a middleware behind it, with the properties that it sets
app.use('/named', (req, res, next) => {
	if (!req.mm7Envelope) return next();
	const report: DeliveryReport | undefined = req.deliveryReport;
	res.json({ operation: req.mm7Envelope.operation, key: report && duplicateKey(report) });
});

// what must not compile
// @ts-expect-error a request of node:http is none of Express's
http.createServer((req, res) => void middleware(req, res, () => res.end()));
mm7DeliveryReports((_report, req: http.IncomingMessage) => console.log(req.url), {
	// @ts-expect-error the handler is the one that says whose request it is
	onExchange: (_exchange, req) => console.log(req.ip),
});
mm7DeliveryReports(async () => {}, {
	// @ts-expect-error a property that no request has
	onExchange: (_exchange, req) => console.log(req.isp),
});
// @ts-expect-error an unknown option
assert.throws(() => mm7DeliveryReports(handler, { handlerTimeOut: 1000 }));
// @ts-expect-error an unknown value
assert.throws(() => mm7DeliveryReports(handler, { otherOperations: 'ignore' }));
// @ts-expect-error a field that reports do not have
mm7DeliveryReports((report) => console.log(report.msisdn));
// @ts-expect-error ids are texts
mm7DeliveryReports((report) => console.log(report.messageId * 2));

async function main(): Promise<void> {
	const { headers, body } = deliveryReportRequest({ messageId: '480000000000000042' }, { form: 'bare' });
	const bounds: ParseOptions = { limits: { elements: 100 } };
	const report = await parseDeliveryReport(body, headers, bounds);
	assert.equal(report.messageId, '480000000000000042');
	assert.equal(EXCHANGE_CHANNEL, 'mm7-delivery-reports:exchange');
	assert.ok(new Mm7Rejection(2005) instanceof Mm7Error);
	await assert.rejects(parseDeliveryReport('no report'), { code: 'ERR_MM7_MIME' satisfies Mm7ErrorCode });

	assert.equal(server.listening, false);
	const listening = app.listen(0, '127.0.0.1', async () => {
		const address = listening.address();
		assert.ok(typeof address === 'object' && address !== null);
		const request = deliveryReportRequest({ messageId: '480000000000000042' }, { form: 'multipart' });
		const response = await fetch(`http://127.0.0.1:${address.port}/inferred`, request);
		const text = await response.text();
		const answer: Mm7Answer = parseAnswer(text);
		assert.equal(answer.statusCode, 1000);
		assert.equal(judgeAsSinch({ status: response.status, body: text }, '20260001').verdict, 'accepted');
		assert.equal(saved[0]?.messageId, '480000000000000042');
		assert.deepEqual(exchanged, [[200, '/', `127.0.0.1:${address.port}`]]);
		listening.closeAllConnections();
		listening.close();
	});
}

void main();
