import { z } from 'zod';
import type { Operation } from './operation.js';
import { MEANINGS, PROBLEM, type ProblemStatus } from './problem.js';
import { SCHEMAS } from './schemas.js';

/** The statuses with which every operation can fail. */
const ALWAYS: readonly ProblemStatus[] = [400, 401, 500, 503];

/** Generates the OpenAPI document from the schemas that check the requests. */
export function openApiDocument(operations: readonly Operation[]): object {
	const paths: Record<string, Record<string, object>> = {};
	for (const one of operations) {
		paths[one.path] = { ...paths[one.path], [one.method]: describe(one) };
	}
	return {
		openapi: '3.1.1',
		info: {
			title: 'mm7-inbox',
			version: '1',
			description: 'The status of every message. Absent values are left out, and responses can get more fields.',
		},
		servers: [{ url: '../api', description: 'Relative to this document' }],
		security: [{ token: [] }],
		paths,
		components: {
			securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'The API_TOKEN of the inbox' } },
			schemas: { ...namedSchemas(), Problem: schemaOf(PROBLEM, 'output') },
		},
	};
}

function describe({ summary, inPath, query, body, result, redirects, problems = [], method, path }: Operation): object {
	const statuses = [...ALWAYS, ...problems].sort((one, other) => one - other);
	return {
		summary,
		operationId: method + path.replace(/[^a-z]+([a-z]?)/g, (_, letter: string) => letter.toUpperCase()),
		parameters: [...parametersOf('path', inPath), ...parametersOf('query', query)],
		...(body && { requestBody: { required: true, content: { 'application/json': { schema: referenceTo(body) } } } }),
		responses: {
			...(result
				? { 200: { description: 'Success', content: { 'application/json': { schema: referenceTo(result) } } } }
				: { 204: { description: 'Done, and on disk' } }),
			...(redirects && { 303: { description: redirects } }),
			...Object.fromEntries(
				statuses.map((status) => [
					status,
					{
						description: MEANINGS[status],
						content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
					},
				]),
			),
		},
	};
}

function parametersOf(place: 'path' | 'query', shape: z.ZodRawShape = {}): object[] {
	return Object.entries(shape).map(([name, schema]) => {
		const { description, ...rest } = schemaOf(schema as z.ZodType, 'input') as { description?: string };
		return { name, in: place, ...(place === 'path' && { required: true }), description, schema: rest };
	});
}

function referenceTo(schema: z.ZodType): object {
	return { $ref: `#/components/schemas/${SCHEMAS.get(schema)?.id}` };
}

function namedSchemas(): object {
	const { schemas } = z.toJSONSchema(SCHEMAS, { io: 'input', override, uri: (id) => `#/components/schemas/${id}` });
	return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, withoutIds(schema)]));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
	return withoutIds(z.toJSONSchema(schema, { io, override }));
}

/** Makes schemas readable: the format says the same as the pattern of a time, and descriptions are on one line. */
function override({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }): void {
	if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
	if (jsonSchema.description) jsonSchema.description = jsonSchema.description.replace(/\s+/g, ' ');
}

/** The document has them instead. */
function withoutIds({ $schema, $id, ...schema }: { $schema?: unknown; $id?: unknown }): object {
	return schema;
}
