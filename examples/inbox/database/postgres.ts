import { setTimeout as delay } from 'node:timers/promises';
import { Client, Pool } from 'pg';
import type { Database } from './database.js';

/** Milliseconds after which a statement is given up: less than the provider waits for its answer. */
const STATEMENT_TIMEOUT = 7000;
/** Milliseconds to get a connection. */
const CONNECT_TIMEOUT = 5000;
/** Milliseconds until a broken listener is connected again. */
const RECONNECT_DELAY = 1000;

/**
 * Uses a PostgreSQL server, version 12 or newer.
 *
 * @param url - `postgres://user:password@host:5432/database`, with the parameters of libpq, such as `sslmode`
 * @param onError - is told of connections that broke while nobody was using them
 */
export function openPostgres(url: string, onError: (error: Error) => void): Database {
	const settings = {
		connectionString: url,
		connectionTimeoutMillis: CONNECT_TIMEOUT,
		keepAlive: true,
		application_name: 'mm7-inbox',
	};
	const pool = new Pool({ ...settings, max: 10, statement_timeout: STATEMENT_TIMEOUT });
	// without a listener, a server that restarts would end this process
	pool.on('error', onError);
	const closing = new AbortController();
	const listeners = new Set<Client>();

	/** Keeps one connection listening until the database is closed. */
	async function keepListening(channel: string, onNotify: () => void, first: Client): Promise<void> {
		let client = first;
		while (!closing.signal.aborted) {
			await ended(client);
			listeners.delete(client);
			while (!closing.signal.aborted) {
				await delay(RECONNECT_DELAY, undefined, { signal: closing.signal }).catch(() => {});
				if (closing.signal.aborted) return;
				try {
					client = await startListening(channel, onNotify);
					onNotify();
					break;
				} catch (error) {
					onError(error as Error);
				}
			}
		}
	}

	async function startListening(channel: string, onNotify: () => void): Promise<Client> {
		const client = new Client(settings);
		client.on('error', onError).on('notification', onNotify);
		await client.connect();
		await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
		listeners.add(client);
		return client;
	}

	const { hostname, pathname } = new URL(url);
	return {
		name: `PostgreSQL at ${hostname || 'the local socket'}${pathname}`,
		async query<Row extends object>(sql: string, values: readonly unknown[] = []) {
			return (await pool.query<Row>(sql, [...values])).rows;
		},
		async script(sql) {
			await pool.query(sql);
		},
		async listen(channel, onNotify) {
			const client = await startListening(channel, onNotify);
			void keepListening(channel, onNotify, client);
		},
		async close() {
			closing.abort();
			await Promise.all([...listeners].map((client) => client.end()));
			await pool.end();
		},
	};
}

function ended(client: Client): Promise<void> {
	return new Promise((resolve) => client.once('end', () => resolve()));
}
