import type { Response } from 'express';
import { z } from 'zod';

/** An error in one part of a request. */
const PROBLEM_PART = z.object({
	parameter: z.string().optional().describe('The name of the parameter in the path or query'),
	pointer: z.string().optional().describe('The JSON pointer of the field in the body, such as #/recipients/0'),
	detail: z.string(),
});

/** A failure, in the format of RFC 9457. */
export const PROBLEM = z.object({
	title: z.string(),
	status: z.int(),
	detail: z.string().optional(),
	errors: z.array(PROBLEM_PART).optional(),
});

/** The titles of the statuses with which a request can fail. */
const TITLES = {
	400: 'Bad Request',
	401: 'Unauthorized',
	404: 'Not Found',
	405: 'Method Not Allowed',
	409: 'Conflict',
	413: 'Content Too Large',
	415: 'Unsupported Media Type',
	422: 'Unprocessable Content',
	500: 'Internal Server Error',
	503: 'Service Unavailable',
} as const;

export type ProblemStatus = keyof typeof TITLES;

/** A request that cannot be fulfilled. */
export class Problem extends Error {
	constructor(
		readonly status: ProblemStatus,
		readonly detail: string,
		readonly errors?: z.output<typeof PROBLEM_PART>[],
	) {
		super(detail);
	}
}

/** Responds with a problem. */
export function sendProblem(res: Response, { status, detail, errors }: Problem): void {
	res
		.status(status)
		.type('application/problem+json')
		.send(JSON.stringify({ title: TITLES[status], status, detail, errors }));
}

/** The meaning of each status here, for the documentation. */
export const MEANINGS: Readonly<Record<ProblemStatus, string>> = {
	400: 'A parameter or field is unknown, missing or invalid',
	401: 'The Authorization header does not contain the API_TOKEN',
	404: 'Not found, or the API is closed because API_TOKEN is not set',
	405: 'The Allow header lists the methods of this path',
	409: 'The inbox sends no events, because FORWARD_URL is not set',
	413: 'The body is larger than 1 MB',
	415: 'The body is not application/json',
	422: 'The search takes too long; narrow its time range',
	500: 'The inbox has a defect, which it has logged',
	503: 'The database is not responding; retry after the seconds in the Retry-After header',
};
