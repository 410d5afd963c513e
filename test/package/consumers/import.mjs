import assert from 'node:assert/strict';
import { basicAuth, Mm7Error, Mm7Rejection, mm7DeliveryReports, parseDeliveryReport } from 'mm7-delivery-reports';
import { deliveryReportRequest, parseAnswer } from 'mm7-delivery-reports/testing';

const { body, headers } = deliveryReportRequest({ mmStatus: 'Expired' });
const report = await parseDeliveryReport(body, headers);
assert.equal(report.state, 'failed');
assert.equal(typeof mm7DeliveryReports(() => {}, { authenticate: basicAuth({ sinch: 'secret' }) }), 'function');
assert.ok(new Mm7Rejection(2005) instanceof Mm7Error);
assert.throws(() => parseAnswer('no answer'));
