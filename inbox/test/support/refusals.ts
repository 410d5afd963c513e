import type { RefusalCount, Refusals, RefusedRequest } from '../../lib/store/refusal-repository.js';

/** Makes a refused request. */
export function refusedRequest(fields: Partial<RefusedRequest> = {}): RefusedRequest {
	const body = fields.body ?? Buffer.from('<');
	return {
		receivedAt: new Date(),
		reason: 'ERR_MM7_XML',
		message: 'The SOAP part is not well-formed XML',
		httpStatus: 500,
		statusCode: 4004,
		provider: 'default',
		peer: '192.0.2.7',
		method: 'POST',
		path: '/mm7',
		headers: { 'content-type': 'text/xml' },
		size: body.length,
		body,
		...fields,
	};
}

/** Makes a count of refused requests. */
export function refusalCount(fields: Partial<RefusalCount> = {}): RefusalCount {
	const firstAt = fields.firstAt ?? new Date();
	return {
		reason: 'ERR_MM7_XML',
		provider: 'default',
		peer: '192.0.2.7',
		count: 1,
		firstAt,
		lastAt: firstAt,
		...fields,
	};
}

/** What is written for one refused request. */
export function refusalsOf(...requests: readonly RefusedRequest[]): Refusals {
	const counts = requests.map(({ reason, provider, peer, receivedAt }) =>
		refusalCount({ reason, provider, peer, firstAt: receivedAt }),
	);
	return { counts, requests };
}
