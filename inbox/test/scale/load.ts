import { connect } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { ReportRepository } from '../../lib/store/report-repository.js';
import type { Sample } from './fill.js';

/** The results of a load. */
export interface Achieved {
	/** Acknowledged reports per second. */
	readonly throughput: number;
	/** Milliseconds. */
	readonly p99: number;
	readonly longest: number;
}

/** Reports that are stored at a rate arrive together, this many milliseconds apart. */
const TICK_MS = 5;

/**
 * Sends reports over several connections.
 *
 * @throws Error if a report is not acknowledged
 */
export async function sendReports(
	url: string,
	next: () => Sample,
	{ seconds, connections }: { readonly seconds: number; readonly connections: number },
): Promise<Achieved> {
	const { hostname, port } = new URL(url);
	const latencies = createHistogram();
	const start = performance.now();
	const end = start + seconds * 1000;
	let count = 0;

	function runConnection(): Promise<void> {
		return new Promise((resolve, reject) => {
			const socket = connect({ port: Number(port), host: hostname, noDelay: true });
			let sentAt = 0;
			let received = '';
			const send = () => {
				const { xml } = next();
				const head = `POST /mm7 HTTP/1.1\r\nHost: ${hostname}\r\nContent-Type: text/xml; charset=utf-8\r\n`;
				sentAt = performance.now();
				socket.write(`${head}Content-Length: ${Buffer.byteLength(xml)}\r\n\r\n${xml}`);
			};
			socket.on('connect', send);
			socket.on('data', (chunk: Buffer) => {
				received += chunk.toString('latin1');
				if (!received.includes(':Envelope>', received.indexOf('\r\n\r\n'))) return;
				if (!received.includes('>1000<')) socket.destroy(new Error(received));
				received = '';
				latencies.record(Math.max(1, Math.round((performance.now() - sentAt) * 1e6)));
				count++;
				if (performance.now() >= end) socket.end();
				else send();
			});
			socket.on('error', reject);
			socket.on('close', () => (performance.now() < end ? reject(new Error('the connection broke')) : resolve()));
		});
	}

	await Promise.all(Array.from({ length: connections }, runConnection));
	const elapsed = (performance.now() - start) / 1000;
	return { throughput: count / elapsed, p99: latencies.percentile(99) / 1e6, longest: latencies.max / 1e6 };
}

/** Stores reports at a rate per second, whether or not the earlier ones are stored yet. */
export async function storeReports(
	reports: ReportRepository,
	next: () => Sample,
	{ seconds, rate }: { readonly seconds: number; readonly rate: number },
): Promise<Achieved> {
	const latencies = createHistogram();
	const start = performance.now();
	const elapsed = () => (performance.now() - start) / 1000;
	const stored: Promise<void>[] = [];
	async function store(): Promise<void> {
		const { report, xml } = next();
		const arrivedAt = performance.now();
		await reports.store({ ...report, receivedAt: new Date() }, { xml });
		latencies.record(Math.round((performance.now() - arrivedAt) * 1e6));
	}
	while (elapsed() < seconds) {
		const due = elapsed() * rate;
		while (stored.length < due) {
			const one = store();
			// an error is thrown below
			one.catch(() => {});
			stored.push(one);
		}
		await delay(TICK_MS);
	}
	await Promise.all(stored);
	return { throughput: stored.length / elapsed(), p99: latencies.percentile(99) / 1e6, longest: latencies.max / 1e6 };
}
