import express, { type Express } from 'express';
import { certaintyOf, mm7DeliveryReports } from 'mm7-delivery-reports';
import type pg from 'pg';

/** Keeps the report that `supersedes` would keep: it compares the same values in the same order. */
const UPSERT = `
	INSERT INTO messages (message_id, recipient, state, certainty, date, mm_status, transaction_id, received_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
	ON CONFLICT (message_id, recipient) DO UPDATE SET
		state = excluded.state,
		certainty = excluded.certainty,
		date = excluded.date,
		mm_status = excluded.mm_status,
		transaction_id = excluded.transaction_id,
		received_at = excluded.received_at
	WHERE (excluded.certainty, coalesce(excluded.date, '-infinity'), excluded.mm_status, excluded.transaction_id)
		> (messages.certainty, coalesce(messages.date, '-infinity'), messages.mm_status, messages.transaction_id)`;

export function makeApp(database: pg.Pool): Express {
	const app = express();

	app.use(
		'/mm7',
		mm7DeliveryReports(
			async (report) => {
				const { messageId, recipient, state, date, mmStatus, transactionId, receivedAt } = report;
				const number = recipient.number ?? recipient.address;
				const row = [messageId, number, state, certaintyOf(report), date, mmStatus, transactionId, receivedAt];
				await database.query(UPSERT, row);
			},
			{ onExchange: ({ error }) => error && console.error(error) },
		),
	);

	app.get('/messages/:id', async (req, res) => {
		const { rows } = await database.query(
			'SELECT recipient, state, date, received_at FROM messages WHERE message_id = $1 ORDER BY recipient',
			[req.params.id],
		);
		res.json(rows);
	});

	return app;
}
