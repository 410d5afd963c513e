const assert = require('node:assert/strict');
const net = require('node:net');
const { text } = require('node:stream/consumers');
const { deliveryReportRequest, judgeAsSinch } = require('mm7-delivery-reports/testing');
const { startReceiver } = require('./receiver.cjs');
const { SINCH_REQUEST } = require('./sinch-request.cjs');

async function main() {
	const receiver = await startReceiver();
	try {
		await answersTheDocumentedRequest(receiver);
		await answersTheKit(receiver);
	} finally {
		receiver.stop();
	}
	console.log(JSON.stringify({ node: process.versions.node, express: require('express/package.json').version }));
}

async function answersTheDocumentedRequest({ port, reports }) {
	const answer = await send(port, SINCH_REQUEST);
	assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
	assert.match(answer, /<TransactionID [^>]*>0070004711<\/TransactionID>/);
	assert.match(answer, /<StatusCode>1000<\/StatusCode>/);
	const report = reports.pop();
	assert.equal(report.messageId, '480000000000004711');
	assert.equal(report.recipient.number, '12015550147');
	assert.equal(report.operatorId, '0001234');
	assert.equal(report.state, 'delivered');
}

async function answersTheKit({ port, reports }) {
	const { headers, body } = deliveryReportRequest({ transactionId: '0070004712' }, { form: 'bare' });
	const lines = Object.entries({ ...headers, 'Content-Length': Buffer.byteLength(body), Connection: 'close' });
	const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
	const answer = await send(port, `POST /mm7 HTTP/1.1\r\nHost: receiver.example\r\n${head}\r\n${body}`);
	const status = Number(answer.split(' ', 2)[1]);
	const answerBody = answer.slice(answer.indexOf('\r\n\r\n') + 4);
	assert.deepEqual(judgeAsSinch({ status, body: answerBody }, '0070004712'), {
		verdict: 'accepted',
		reason: undefined,
	});
	assert.equal(reports.pop().transactionId, '0070004712');
}

/** Sends bytes as they are, and returns all that came back. */
function send(port, bytes) {
	const socket = net.connect(port, '127.0.0.1');
	socket.write(bytes);
	return text(socket);
}

main();
