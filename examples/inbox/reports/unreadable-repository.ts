import type { Exchange } from 'mm7-delivery-reports';
import type { Database } from '../database/database.js';
import { storableText } from './storable.js';

/** How many are kept; older ones make room. */
const MOST = 1000;
/** How many bytes of each are kept. A report has about one kilobyte. */
const LONGEST = 64 * 1024;

/** Keeps the requests that could not be read as delivery reports, so that somebody can find out why. */
export interface UnreadableRepository {
	add(unreadable: Pick<Exchange, 'error' | 'body'>, contentType: string | undefined): Promise<void>;
	/** How many are kept. */
	count(): Promise<number>;
}

/** Makes the repository; the database has to have the tables. */
export function unreadableRepository(database: Database): UnreadableRepository {
	return {
		async add({ error, body = Buffer.alloc(0) }, contentType) {
			await database.query(ADD_SQL, [
				error?.code ?? 'unknown',
				storableText(error?.message ?? ''),
				contentType ?? null,
				body.length,
				body.subarray(0, LONGEST),
			]);
		},
		async count() {
			const [row] = await database.query<{ count: number }>('SELECT count(*)::integer AS count FROM unreadable');
			return row?.count ?? 0;
		},
	};
}

/** The new row is not yet to be seen by its own statement, hence one less. */
const ADD_SQL = `
	WITH added AS (
		INSERT INTO unreadable (error_code, error_message, content_type, size, body) VALUES ($1, $2, $3, $4, $5)
	)
	DELETE FROM unreadable WHERE id <= (SELECT id FROM unreadable ORDER BY id DESC OFFSET ${MOST - 1} LIMIT 1)`;
