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
	type Mm7Status,
	mm7DeliveryReports,
	type Options,
	type ParseOptions,
	parseDeliveryReport,
} from 'mm7-delivery-reports';
import { deliveryReportRequest, judgeAsSinch, type Mm7Response, parseResponse } from 'mm7-delivery-reports/testing';

const app = express();
const saved: DeliveryReport[] = [];
const exchanged: unknown[][] = [];

// Express's request is inferred, in the handler and in every option
app.use(
	'/inferred',
	mm7DeliveryReports(
		(report, req, { signal }) => {
			const state: DeliveryState = report.state;
			const number: string | undefined = report.recipient.number;
			const ip: string | undefined = req.ip;
			const same: DeliveryReport | undefined = req.deliveryReport;
			if (signal.aborted || same !== report) throw new Error([state, number, ip, req.path].join(' '));
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
// an option that asks for less accepts more
const lessInOption = mm7DeliveryReports((_report, req) => console.log(req.ip), {
	authenticate: (req: http.IncomingMessage) => req.headers.authorization !== undefined,
});

// the request is annotated: Express's with parameters, or that of node:http
express.Router().post(
	'/:tenant',
	mm7DeliveryReports(async (report, req: express.Request<{ tenant: string }>) => {
		const tenant: string = req.params.tenant;
		const envelope: Mm7Envelope | undefined = req.mm7Envelope;
		if (envelope?.transactionId !== report.transactionId) throw new Mm7Rejection(2005, tenant);
	}),
);
const plain = mm7DeliveryReports((report, req: http.IncomingMessage) => console.log(report.final, req.socket), {
	onExchange: (_exchange, req) => console.log(req.url),
});
const server = http.createServer((req, res) => void plain(req, res, () => res.end()));

// everything is declared first
const handler: Handler = async (report: DeliveryReport, _req, context: HandlerContext): Promise<Mm7Status> => {
	const recipient: Address = report.recipient;
	return { statusCode: context.signal.aborted || recipient.kind === 'Text' ? 2001 : 1000 };
};
const handlerOfExpress: Handler<express.Request> = (report, req) => console.log(report.final, req.hostname);
const authenticate: Authenticate<express.Request> = async (req) => req.secure;
const store: DuplicateStore = new Map<string, unknown>();
const deduplicate: DeduplicateOptions = { store, ttl: 1000 };
const options: Options = {
	authenticate: basicAuth({ sinch: 'secret' }),
	allowFrom: ['192.0.2.0/24', '127.0.0.1'],
	deduplicate,
	limits: { body: '512kb' },
	otherOperations: 'next',
	onExchange(exchange: Exchange) {
		const code: Mm7ErrorCode | undefined = exchange.error?.code;
		const body: Buffer | undefined = exchange.body;
		exchanged.push([code, body]);
	},
};
const middleware: Middleware = mm7DeliveryReports(handler, options);
const middlewareOfExpress: Middleware<express.Request> = mm7DeliveryReports(handlerOfExpress, { authenticate });
const asRequestHandler: express.RequestHandler = mm7DeliveryReports(handler);
app.use(['/one', '/two'], express.raw(), middleware, middlewareOfExpress, asRequestHandler, lessInOption, plain);

// a later middleware reads the properties that it sets
app.use('/two', (req, res, next) => {
	if (!req.mm7Envelope) return next();
	const report: DeliveryReport | undefined = req.deliveryReport;
	res.json({ operation: req.mm7Envelope.operation, key: report && duplicateKey(report) });
});

// what must not compile
// @ts-expect-error a request of node:http is not Express's
http.createServer((req, res) => void middleware(req, res, () => res.end()));
mm7DeliveryReports((_report, req: http.IncomingMessage) => console.log(req.url), {
	// @ts-expect-error the handler decides the type of the request
	onExchange: (_exchange, req) => console.log(req.ip),
});
// @ts-expect-error an unknown option
assert.throws(() => mm7DeliveryReports(handler, { handlerTimeOut: 1000 }));
// @ts-expect-error an unknown value
assert.throws(() => mm7DeliveryReports(handler, { otherOperations: 'ignore' }));
// @ts-expect-error a field that reports do not have
mm7DeliveryReports((report) => console.log(report.msisdn));

async function main(): Promise<void> {
	const { headers, body } = deliveryReportRequest({ messageId: '42' }, { form: 'bare' });
	const parseOptions: ParseOptions = { limits: { elements: 100 } };
	assert.equal((await parseDeliveryReport(body, headers, parseOptions)).messageId, '42');
	assert.equal(EXCHANGE_CHANNEL, 'mm7-delivery-reports:exchange');
	assert.ok(new Mm7Rejection(2005) instanceof Mm7Error);
	await assert.rejects(parseDeliveryReport('no report'), { code: 'ERR_MM7_MIME' satisfies Mm7ErrorCode });
	assert.equal(server.listening, false);
	const response: Mm7Response = parseResponse('<Envelope><Body><DeliveryReportRsp/></Body></Envelope>');
	assert.equal(response.operation, 'DeliveryReportRsp');
	assert.equal(judgeAsSinch({ status: 500, body: '' }, '20260001').reason, 'HTTP 500');
}

void main();
