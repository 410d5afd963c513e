import express, { type Express } from 'express';
import { Mm7Rejection, mm7DeliveryReports } from 'mm7-delivery-reports';
import type { Messages } from './messages.js';

/** The app, with its storage as a parameter so that a test can replace it. */
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
