import { strict as assert } from 'node:assert';
import http from 'node:http';
import {
	basicAuth,
	type DeliveryReport,
	type Exchange,
	type Handler,
	Mm7Rejection,
	type Mm7Request,
	mm7DeliveryReports,
	type Options,
	parseDeliveryReport,
} from 'mm7-delivery-reports';
import { deliveryReportRequest, judgeAsSinch } from 'mm7-delivery-reports/testing';

const saved: DeliveryReport[] = [];

// the request is Node's, with the properties that the middleware sets
const handler: Handler = async (report, req: Mm7Request, { signal }) => {
	const same: DeliveryReport | undefined = req.deliveryReport;
	if (same !== report || signal.aborted || req.method === undefined) throw new Mm7Rejection(2005);
	saved.push(report);
};
const options: Options = {
	authenticate: basicAuth({ sinch: 'secret' }),
	onExchange: (exchange: Exchange, req) => console.log(req.url, req.headers.host, exchange.httpStatus),
};
const middleware = mm7DeliveryReports(handler, options);
// nothing is annotated, and the request is inferred in every option
const inferred = mm7DeliveryReports((report, req) => console.log(report.final, req.headers.host, req.deliveryReport), {
	authenticate: (req) => req.headers.authorization !== undefined,
	onExchange: (_exchange, req) => console.log(req.url, req.mm7Envelope?.operation),
});
http.createServer((req, res) => void inferred(req, res, () => res.end()));
const annotated = mm7DeliveryReports((_report, req: http.IncomingMessage) => console.log(req.socket.remoteAddress));

// @ts-expect-error without Express's types there is no req.ip, rather than an any that hides it
mm7DeliveryReports((_report, req) => console.log(req.ip));
// @ts-expect-error an unknown option
assert.throws(() => mm7DeliveryReports(handler, { handlerTimeOut: 1000 }));

async function main(): Promise<void> {
	assert.equal(typeof annotated, 'function');
	const request = deliveryReportRequest({}, { headers: { Authorization: `Basic ${btoa('sinch:secret')}` } });
	const report = await parseDeliveryReport(request.body, request.headers);
	assert.equal(report.transactionId, '20260001');

	const server = http.createServer((req, res) => {
		void middleware(req, res, () => res.end());
	});
	server.listen(0, '127.0.0.1', async () => {
		const address = server.address();
		assert.ok(typeof address === 'object' && address !== null);
		const response = await fetch(`http://127.0.0.1:${address.port}/`, request);
		const answer = { status: response.status, body: await response.text() };
		assert.equal(judgeAsSinch(answer, report.transactionId).verdict, 'accepted');
		assert.equal(saved.length, 1);
		server.closeAllConnections();
		server.close();
	});
}

void main();
