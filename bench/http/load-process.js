/** The load generator, in a separate process. */
import { connect } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { serveCalls } from './processes.js';
import { requestTemplate, transactionId } from './requests.js';

/**
 * @typedef {object} Load
 * @property {number} port
 * @property {import('./requests.js').Form} form
 * @property {number} seconds - no more requests are sent after this
 * @property {number} [requests] - ends the load earlier, once they are sent
 * @property {number} connections - each sends its next request after the response to the last one
 * @property {boolean} expectId - true if responses must repeat the TransactionID
 */

/**
 * @typedef {object} LoadResult
 * @property {number} requests - number of requests with a response
 * @property {number} seconds - from the first request to the last response
 * @property {number} p50 - milliseconds
 * @property {number} p99 - milliseconds
 */

let sent = 0;

serveCalls({ run });

/** @param {Load} load @returns {Promise<LoadResult>} */
async function run(load) {
	const latencies = createHistogram();
	const template = requestTemplate(load.form);
	const start = performance.now();
	const last = sent + (load.requests ?? Number.POSITIVE_INFINITY);
	const isOver = () => performance.now() >= start + load.seconds * 1000 || sent >= last;
	const connections = Array.from({ length: load.connections }, () => runConnection(load, template, isOver, latencies));
	await Promise.all(connections);
	return {
		requests: latencies.count,
		seconds: (performance.now() - start) / 1000,
		p50: latencies.percentile(50) / 1e6,
		p99: latencies.percentile(99) / 1e6,
	};
}

/**
 * @param {Load} load
 * @param {ReturnType<typeof requestTemplate>} template
 * @param {() => boolean} isOver
 * @param {import('node:perf_hooks').RecordableHistogram} latencies
 * @returns {Promise<void>}
 */
function runConnection({ port, expectId }, template, isOver, latencies) {
	return new Promise((resolve, reject) => {
		const request = Buffer.from(template.bytes);
		const socket = connect({ port, host: '127.0.0.1', noDelay: true });
		let received = '';
		let id = '';
		let sentAt = 0;
		let isFinished = false;

		const send = () => {
			id = transactionId(sent++);
			for (const offset of template.idOffsets) request.write(id, offset, 'latin1');
			sentAt = performance.now();
			socket.write(request);
		};
		socket.on('connect', send);
		socket.on('data', (chunk) => {
			received += chunk.toString('latin1');
			if (!isComplete(received)) return;
			latencies.record(Math.max(1, Math.round((performance.now() - sentAt) * 1e6)));
			if (!isAccepted(received, expectId ? id : '')) {
				socket.destroy(new Error(`wrong response to ${id}: ${received.slice(0, 500)}`));
				return;
			}
			received = '';
			isFinished = isOver();
			if (isFinished) socket.end();
			else send();
		});
		socket.on('error', reject);
		socket.on('close', () => (isFinished ? resolve() : reject(new Error('the server closed the connection'))));
	});
}

/**
 * Just enough HTTP for the servers here, so that the generator costs less than the server: no pipelining, no trailers.
 *
 * @param {string} response
 */
function isComplete(response) {
	const headEnd = response.indexOf('\r\n\r\n');
	if (headEnd === -1) return false;
	const [, length] = /\r\ncontent-length: *(\d+)/i.exec(response.slice(0, headEnd)) ?? [];
	return length === undefined ? response.endsWith('0\r\n\r\n') : response.length >= headEnd + 4 + Number(length);
}

/**
 * Checks a response like a provider: HTTP 200, StatusCode 1000, its TransactionID.
 *
 * @param {string} response
 * @param {string} id - empty if any will do
 */
function isAccepted(response, id) {
	return response.slice(9, 12) === '200' && response.includes('>1000<') && (id === '' || response.includes(`>${id}<`));
}
