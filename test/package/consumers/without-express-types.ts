import { strict as assert } from 'node:assert';
import http from 'node:http';
import {
	basicAuth,
	type Handler,
	Mm7Rejection,
	type Mm7Request,
	mm7DeliveryReports,
	type Options,
} from 'mm7-delivery-reports';
import { deliveryReportRequest, judgeAsSinch } from 'mm7-delivery-reports/testing';

const saved: string[] = [];

// the request is Node's, with the properties that the middleware sets
const handler: Handler = async (report, req: Mm7Request, { signal }) => {
	if (req.deliveryReport !== report || signal.aborted || req.method === undefined) throw new Mm7Rejection(2005);
	saved.push(report.messageId);
};
const options: Options = {
	authenticate: basicAuth({ sinch: 'secret' }),
	onExchange: (exchange, req) => console.log(req.url, req.headers.host, exchange.httpStatus),
};
const middleware = mm7DeliveryReports(handler, options);
const inferred = mm7DeliveryReports((report, req) => console.log(report.final, req.headers.host, req.deliveryReport), {
	authenticate: (req) => req.headers.authorization !== undefined,
});
http.createServer((req, res) => void inferred(req, res, () => res.end()));

// @ts-expect-error without Express's types there is no req.ip, rather than an any that hides it
mm7DeliveryReports((_report, req) => console.log(req.ip));

const server = http.createServer((req, res) => void middleware(req, res, () => res.end()));
server.listen(0, '127.0.0.1', async () => {
	const address = server.address();
	assert.ok(typeof address === 'object' && address !== null);
	const request = deliveryReportRequest({}, { headers: { Authorization: `Basic ${btoa('sinch:secret')}` } });
	const response = await fetch(`http://127.0.0.1:${address.port}/`, request);
	const { verdict } = judgeAsSinch({ status: response.status, body: await response.text() }, '20260001');
	assert.equal(verdict, 'accepted');
	assert.equal(saved.length, 1);
	server.closeAllConnections();
	server.close();
});
