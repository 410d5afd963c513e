const assert = require('node:assert/strict');
const { execFile } = require('node:child_process');
const { promisify } = require('node:util');
const { startReceiver } = require('./receiver.cjs');

async function main() {
	const { port, reports, stop } = await startReceiver();
	try {
		const url = `http://127.0.0.1:${port}/mm7`;
		// rejects for any exit code but 0
		const { stdout } = await promisify(execFile)('npx', [
			'--no',
			'mm7-delivery-reports',
			'simulate',
			url,
			'--count',
			'20',
			'--json',
		]);
		const summary = JSON.parse(stdout);
		assert.equal(summary.messages, 20);
		assert.equal(summary.accepted, summary.reports);
		assert.equal(summary.lost, 0);
		assert.equal(reports.length, summary.reports);
		console.log(`${summary.accepted} reports accepted`);
	} finally {
		stop();
	}
}

main();
