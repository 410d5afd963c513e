import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { makeApp } from './app.js';

const port = Number(process.env['PORT'] ?? 3000);
const database = new pg.Pool({ connectionString: process.env['DATABASE_URL'] });
// an idle connection was lost; the next query opens a new one
database.on('error', (error) => console.error('PostgreSQL:', error.message));

async function start(): Promise<void> {
	await database.query(readFileSync(path.join(__dirname, 'table.sql'), 'utf8'));
	const server = makeApp(database).listen(port, '127.0.0.1', (error) => {
		if (error) throw error;
		console.log(`Waiting for MM7 delivery reports at http://127.0.0.1:${port}/mm7`);
	});
	// the database is closed once the reports in progress have a response
	for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => server.close(() => database.end()));
}

start().catch((error) => {
	console.error(error.message);
	process.exit(1);
});
