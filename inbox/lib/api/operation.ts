import type { Request } from 'express';
import type { z } from 'zod';
import { readParameters } from '../store/read/filters.js';
import { Problem, type ProblemStatus } from './problem.js';

/** One method of one path. Its schemas check the request and document it. */
export interface Operation<
	Path extends z.ZodRawShape = z.ZodRawShape,
	Query extends z.ZodRawShape = z.ZodRawShape,
	Body extends z.ZodType = z.ZodType,
	Result extends z.ZodType = z.ZodType,
> {
	readonly method: 'get' | 'put' | 'post';
	/** Such as `/messages/{id}`. */
	readonly path: string;
	readonly summary: string;
	/** The parameters in the path, by name. */
	readonly inPath?: Path;
	/** The parameters in the query, by name; others are refused. */
	readonly query?: Query;
	readonly body?: Body;
	/** The schema of the response with status 200; without it, the response has status 204 and no body. */
	readonly result?: Result;
	/** The meaning of other responses. */
	readonly redirects?: string;
	/** Further statuses with which it can fail. */
	readonly problems?: readonly ProblemStatus[];
	/** Absent values of the result can be null or undefined. */
	run(input: Input<Path, Query, Body>): Promise<Nullable<z.input<Result>> | Redirect | undefined>;
}

/** The checked parts of a request. */
export interface Input<Path extends z.ZodRawShape, Query extends z.ZodRawShape, Body extends z.ZodType> {
	readonly inPath: z.output<z.ZodObject<Path>>;
	readonly query: z.output<z.ZodObject<Query>>;
	readonly body: z.output<Body>;
}

/** A response with status 303, which clients follow with GET. */
export class Redirect {
	/** @param location - relative to the path of the request */
	constructor(readonly location: string) {}
}

/** A type whose optional properties can also be null. */
export type Nullable<T> = T extends readonly (infer Item)[]
	? readonly Nullable<Item>[]
	: T extends object
		? { readonly [Key in keyof T]: Nullable<T[Key]> | (undefined extends T[Key] ? null : never) }
		: T extends string
			? T | Date
			: T;

/** Infers the types of an operation. */
export function operation<
	Path extends z.ZodRawShape,
	Query extends z.ZodRawShape,
	Body extends z.ZodType,
	Result extends z.ZodType,
>(one: Operation<Path, Query, Body, Result>): Operation {
	return one as unknown as Operation;
}

/**
 * Checks a request.
 *
 * @throws BadUrl, Problem
 */
export function readInput(
	{ inPath = {}, query = {}, body }: Operation,
	req: Request,
): Input<z.ZodRawShape, z.ZodRawShape, z.ZodType> {
	const search = new URL(`http://inbox${req.originalUrl}`).searchParams;
	const path = new URLSearchParams(Object.entries(req.params).map(([name, value]) => [name, String(value)]));
	return {
		inPath: readParameters(path, inPath, 'reject'),
		query: readParameters(search, query, 'reject'),
		body: body && checkBody(body, req.body),
	};
}

function checkBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
	const { success, data, error } = schema.safeParse(body);
	if (success) return data;
	const errors = error.issues.map(({ path, message }) => ({
		pointer: `#${path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`,
		detail: message,
	}));
	throw new Problem(400, `The body is invalid: ${errors[0]?.pointer} ${errors[0]?.detail}`, errors);
}
