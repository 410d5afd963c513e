const assert = require('node:assert/strict');
const { mm7DeliveryReports, basicAuth, parseDeliveryReport, Mm7Error, Mm7Rejection } = require('mm7-delivery-reports');
const { deliveryReportRequest, parseAnswer } = require('mm7-delivery-reports/testing');

async function main() {
	const { body, headers } = deliveryReportRequest({ mmStatus: 'Expired' });
	const report = await parseDeliveryReport(body, headers);
	assert.equal(report.state, 'failed');
	assert.equal(typeof mm7DeliveryReports(() => {}, { authenticate: basicAuth({ sinch: 'secret' }) }), 'function');
	assert.ok(new Mm7Rejection(2005) instanceof Mm7Error);
	assert.throws(() => parseAnswer('no answer'));
}

main();
