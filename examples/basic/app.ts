import express from 'express';
import { mm7DeliveryReports } from 'mm7-delivery-reports';

export const app = express();

app.use(
	'/mm7',
	mm7DeliveryReports(async (report) => {
		console.log(`${report.messageId} to ${report.recipient.number}: ${report.mmStatus} (${report.state})`);
	}),
);
