import { createHash, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import type { Logger } from '../log.js';
import { type Database, DatabaseError } from '../store/database.js';
import { maskText } from '../store/masking.js';
import { BadUrl } from '../store/read/filters.js';
import { openApiDocument } from './openapi.js';
import { type Operation, Redirect, readInput } from './operation.js';
import { type ApiSettings, type ApiWriters, apiOperations } from './operations.js';
import { Problem, sendProblem } from './problem.js';

const MAX_BODY_BYTES = 1024 * 1024;
const RETRY_AFTER_SECONDS = 5;

/** Creates the JSON API. */
export function makeApi(database: Database, writers: ApiWriters, settings: ApiSettings, log: Logger): Router {
	const router = express.Router({ caseSensitive: true, strict: true });
	router.use((_req, res, next) => {
		res.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' });
		next();
	});
	if (settings.apiToken === undefined) {
		router.use(() => {
			throw new Problem(404, 'The API is closed. Set API_TOKEN to open it');
		});
	} else {
		router.use(requireToken(settings.apiToken));
		const operations = apiOperations(database, writers, settings, log);
		const document = JSON.stringify(openApiDocument(operations));
		const paths = new Map<string, Operation[]>();
		for (const one of operations) paths.set(one.path, [...(paths.get(one.path) ?? []), one]);
		for (const [path, methods] of paths) {
			const route = router.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
			for (const one of methods) route[one.method](...(one.body ? [readJson] : []), respondWith(one));
			route.all(rejectMethod(methods.map(({ method }) => method)));
		}
		router
			.route('/openapi.json')
			.get((_req, res) => void res.type('json').send(document))
			.all(rejectMethod(['get']));
		router.use(() => {
			throw new Problem(404, 'There is nothing at this path. See /api/openapi.json');
		});
	}
	router.use(failureHandler(log, database.masksNumbers === true));
	return router;
}

function requireToken(token: string): RequestHandler {
	const digest = (text: string) => createHash('sha256').update(text).digest();
	const expected = digest(token);
	return function onlyWithToken(req, res, next) {
		const [, given = ''] = /^Bearer +(\S+) *$/i.exec(req.get('Authorization') ?? '') ?? [];
		if (timingSafeEqual(digest(given), expected)) return next();
		res.set('WWW-Authenticate', 'Bearer realm="mm7-inbox"');
		throw new Problem(401, 'Send the API_TOKEN as "Authorization: Bearer …"');
	};
}

const parseJson = express.json({ limit: MAX_BODY_BYTES, type: isJson });

function isJson(req: { headers: { 'content-type'?: string | undefined } }): boolean {
	return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(req.headers['content-type'] ?? '');
}

const readJson: RequestHandler = (req, res, next) => {
	if (!isJson(req)) throw new Problem(415, 'The Content-Type must be application/json');
	parseJson(req, res, next);
};

function respondWith(operation: Operation): RequestHandler {
	return async function respond(req, res) {
		const result = await operation.run(readInput(operation, req));
		if (!result) res.status(204).end();
		else if (result instanceof Redirect) res.status(303).location(result.location).end();
		else res.type('json').send(JSON.stringify(result, withoutNull));
	};
}

/** Absent values are left out. */
function withoutNull(_name: string, value: unknown): unknown {
	return value ?? undefined;
}

function rejectMethod(methods: readonly string[]): RequestHandler {
	const allow = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ');
	return function reject(_req, res) {
		res.set('Allow', allow);
		throw new Problem(405, `This path supports ${allow}`);
	};
}

/**
 * Responds to all errors with a problem.
 *
 * @param masksNumbers - whether to mask numbers, because some problems repeat a part of the request
 */
function failureHandler(log: Logger, masksNumbers: boolean): ErrorRequestHandler {
	return function fail(err, _req, res, _next) {
		const problem = masksNumbers ? masked(problemOf(err)) : problemOf(err);
		if (problem.status >= 500) log.error({ err }, 'failed to respond to a request to the API');
		if (problem.status === 503) res.set('Retry-After', String(RETRY_AFTER_SECONDS));
		if (res.headersSent) res.destroy();
		else sendProblem(res, problem);
	};
}

function masked({ status, detail, errors }: Problem): Problem {
	const parts = errors?.map(
		(part) =>
			Object.fromEntries(Object.entries(part).map(([name, text]) => [name, text && maskText(text)])) as typeof part,
	);
	return new Problem(status, maskText(detail), parts);
}

/** Errors of the body parser and of Express have a `status` and a message that may be shown. */
function problemOf(err: unknown): Problem {
	if (err instanceof Problem) return err;
	if (err instanceof BadUrl) {
		return new Problem(400, err.message, [{ parameter: err.parameter, detail: err.problem }]);
	}
	if (err instanceof DatabaseError && err.failure === 'slow') {
		return new Problem(422, 'The search takes too long. Narrow its time range with "from" and "to"', [
			{ parameter: 'from', detail: 'is too early or absent' },
		]);
	}
	if (err instanceof DatabaseError && err.failure !== 'refused') {
		return new Problem(503, 'The database is not responding');
	}
	const { status, message } = err as { status?: unknown; message?: unknown };
	if (status === 413) return new Problem(413, `The body is larger than ${MAX_BODY_BYTES} bytes`);
	if (status === 415) return new Problem(415, String(message));
	if (status === 400) return new Problem(400, `The request is invalid: ${String(message)}`);
	return new Problem(500, 'The inbox has a defect, which it has logged');
}
