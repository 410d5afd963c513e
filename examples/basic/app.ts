import express from 'express';
import { mm7DeliveryReports } from 'mm7-delivery-reports';

export const app = express();

app.use(
	'/mm7',
	mm7DeliveryReports(
		async (report) => {
			const line = `${report.messageId} to ${report.recipient.number}: ${report.mmStatus} (${report.state})`;
			// anyone can send reports, so replace control characters that a terminal would obey
			console.log(line.replace(/\p{Cc}/gu, '\ufffd'));
		},
		{ onExchange: ({ error }) => error && console.error(error) },
	),
);

app.use((req, res) => {
	console.log(`${req.method} ${req.originalUrl} is not served here`);
	res.status(404).type('text/plain').send('Delivery reports are received at /mm7: POST them there.\n');
});
