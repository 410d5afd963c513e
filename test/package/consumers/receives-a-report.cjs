const assert = require('node:assert/strict');
const { once } = require('node:events');
const express = require('express');
const { mm7DeliveryReports } = require('mm7-delivery-reports');
const { deliveryReportRequest, judgeAsSinch } = require('mm7-delivery-reports/testing');

/** Receives a report as an app would, and prints the versions that it ran with. */
async function main() {
	const reports = [];
	const app = express();
	app.use(
		'/mm7',
		mm7DeliveryReports(async (report) => {
			reports.push(report);
		}),
	);
	const server = app.listen(0, '127.0.0.1');
	await once(server, 'listening');
	const request = deliveryReportRequest({ transactionId: '0070004711', messageId: '42' }, { form: 'bare' });
	const response = await fetch(`http://127.0.0.1:${server.address().port}/mm7`, request);
	const judged = judgeAsSinch({ status: response.status, body: await response.text() }, '0070004711');
	assert.equal(judged.verdict, 'accepted', judged.reason);
	assert.deepEqual(
		reports.map(({ messageId, state }) => [messageId, state]),
		[['42', 'delivered']],
	);
	server.close();
	server.closeAllConnections();
	console.log(process.versions.node, require('express/package.json').version);
}

main();
