const { once } = require('node:events');
const express = require('express');
const { mm7DeliveryReports } = require('mm7-delivery-reports');

/** Starts an app on a free port: its port, the reports that it got, and how to stop it. */
exports.startReceiver = async () => {
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
	const stop = () => {
		server.close();
		server.closeAllConnections();
	};
	return { port: server.address().port, reports, stop };
};
