/** The load generator: runs in a process of its own, is told what to do by IPC. */
import { connect } from 'node:net';
import { createHistogram } from 'node:perf_hooks';
import { answerCalls } from './calls.js';
import { requestTemplate, transactionId } from './requests.js';
import { ResponseReader } from './response-reader.js';

/**
 * @typedef {object} Load
 * @property {number} port
 * @property {import('./requests.js').Form} form
 * @property {number} seconds - until no more requests are sent
 * @property {number} [requests] - that end the load earlier, when they were sent
 * @property {number} connections - each sends its next request when the last one was answered
 * @property {boolean} expectId - whether an answer has to repeat the TransactionID of its request
 */

/**
 * @typedef {object} LoadResult
 * @property {number} requests - all of them answered
 * @property {number} seconds - from the first request to the last answer
 * @property {number} p50 - milliseconds
 * @property {number} p99 - milliseconds
 */

let sent = 0;

answerCalls({ run });

/**
 * @param {Load} load
 * @returns {Promise<LoadResult>}
 */
async function run(load) {
	const latencies = createHistogram();
	const template = requestTemplate(load.form);
	const start = performance.now();
	const deadline = start + load.seconds * 1000;
	const last = sent + (load.requests ?? Number.POSITIVE_INFINITY);
	const isOver = () => performance.now() >= deadline || sent >= last;
	const counts = await Promise.all(
		Array.from({ length: load.connections }, () => runConnection(load, template, isOver, latencies)),
	);
	return {
		requests: counts.reduce((sum, count) => sum + count, 0),
		seconds: (performance.now() - start) / 1000,
		p50: latencies.percentile(50) / 1e6,
		p99: latencies.percentile(99) / 1e6,
	};
}

/**
 * One connection, until the load is over; resolves with the number of answers.
 *
 * @param {Load} load
 * @param {{ bytes: Buffer, idOffsets: number[] }} template
 * @param {() => boolean} isOver
 * @param {import('node:perf_hooks').RecordableHistogram} latencies
 * @returns {Promise<number>}
 */
function runConnection({ port, expectId }, template, isOver, latencies) {
	return new Promise((resolve, reject) => {
		const request = Buffer.from(template.bytes);
		const reader = new ResponseReader();
		const socket = connect({ port, host: '127.0.0.1', noDelay: true });
		let answers = 0;
		let id = '';
		let sentAt = 0;

		const send = () => {
			id = transactionId(sent++);
			for (const offset of template.idOffsets) request.write(id, offset, 'latin1');
			sentAt = performance.now();
			socket.write(request);
		};
		socket.on('connect', send);
		socket.on('data', (chunk) => {
			const answer = reader.read(chunk);
			if (answer === undefined) return;
			latencies.record(Math.max(1, Math.round((performance.now() - sentAt) * 1e6)));
			if (!isRight(answer, expectId ? id : '')) {
				socket.destroy(new Error(`wrong answer to ${id}: HTTP ${answer.status}\n${answer.body.slice(0, 500)}`));
				return;
			}
			answers++;
			if (isOver()) socket.end();
			else send();
		});
		socket.on('error', reject);
		socket.on('close', () => {
			if (answers > 0 && isOver()) resolve(answers);
			else reject(new Error('the server closed the connection'));
		});
	});
}

/**
 * What a provider looks at: HTTP 200, StatusCode 1000, its TransactionID.
 *
 * @param {{ status: string, body: string }} answer
 * @param {string} id - empty where any will do
 */
function isRight({ status, body }, id) {
	return status === '200' && body.includes('>1000<') && (id === '' || body.includes(`>${id}<`));
}
