import type { RequestHandler } from 'express';
import type { Database } from '../store/database.js';

/** Milliseconds that the database may take. */
const LONGEST = 1000;

/** 200 while the database can be read and written, else 503: for load balancers and supervisors. */
export function health(database: Database): RequestHandler {
	return async function healthHandler(_req, res) {
		const healthy = await answersInTime(database);
		res
			.status(healthy ? 200 : 503)
			.set('Cache-Control', 'no-store')
			.json({ status: healthy ? 'ok' : 'the database does not answer' });
	};
}

async function answersInTime(database: Database): Promise<boolean> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<boolean>((resolve) => {
		timer = setTimeout(resolve, LONGEST, false);
	});
	const answer = Promise.all([database.query('SELECT 1'), database.write()]).then(
		() => true,
		() => false,
	);
	return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
