import express, { type Express } from 'express';
import { Mm7Rejection, mm7DeliveryReports } from 'mm7-delivery-reports';
import type { Messages } from './messages.js';

/** The app with everything that it needs handed in, so that a test can hand in something else. */
export function createApp(messages: Messages): Express {
	const app = express();
	app.use(
		'/mm7',
		mm7DeliveryReports(async ({ messageId, state, statusText, final }) => {
			const known = await messages.setState(messageId, { state, statusText, final });
			if (!known) throw new Mm7Rejection(2005, `no message ${messageId}`);
		}),
	);
	return app;
}
