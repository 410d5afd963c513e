import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { expect } from 'chai';

export const API_TOKEN = 'token-of-the-tests';

/** A response of the API. */
export interface ApiResponse {
	readonly status: number;
	readonly headers: Headers;
	/** The parsed body; undefined if there is none. */
	// biome-ignore lint/suspicious/noExplicitAny: the tests check it against the schema of the API
	readonly json: any;
}

/** Calls the API and checks that each response conforms to its OpenAPI document. */
export class ApiClient {
	readonly #url: string;
	readonly #ajv = new Ajv2020({ strict: true, strictTypes: false, allErrors: true });
	// biome-ignore lint/suspicious/noExplicitAny: the document is checked by the tests that use it
	#document: any;

	/** @param url - of the inbox */
	constructor(url: string) {
		this.#url = url;
		addFormats(this.#ajv);
	}

	/** The OpenAPI document. */
	async document() {
		if (this.#document === undefined) {
			const response = await fetch(`${this.#url}/api/openapi.json`, { headers: authorization() });
			this.#document = await response.json();
			// the document allows more fields, but the responses have no others
			this.#ajv.addSchema(withoutMoreFields(this.#document), 'api');
			this.#ajv.addVocabulary(['openapi', 'info', 'servers', 'security', 'paths', 'components']);
		}
		return this.#document;
	}

	get(path: string): Promise<ApiResponse> {
		return this.call('GET', path);
	}

	/** Registers a message. */
	put(messageId: string, body: object): Promise<ApiResponse> {
		return this.call('PUT', `/messages/${encodeURIComponent(messageId)}`, { body: JSON.stringify(body) });
	}

	/** @param path - below `/api` */
	async call(method: string, path: string, init: RequestInit = {}): Promise<ApiResponse> {
		const headers = { ...authorization(), 'Content-Type': 'application/json', ...init.headers };
		const response = await fetch(`${this.#url}/api${path}`, { redirect: 'manual', ...init, method, headers });
		const text = await response.text();
		const json = text === '' ? undefined : JSON.parse(text);
		await this.#check(method, path, response, json);
		return { status: response.status, headers: response.headers, json };
	}

	async #check(method: string, path: string, { status, headers }: Response, json: unknown): Promise<void> {
		const { paths } = await this.document();
		const [pathname = ''] = path.split('?');
		const template = Object.keys(paths).find((one) =>
			new RegExp(`^${one.replace(/\{\w+\}/g, '[^/]+')}$`).test(pathname),
		);
		const operation = paths[template ?? '']?.[method.toLowerCase()];
		const name = `${method} ${path}: ${status}`;
		// other paths and methods are not documented, but respond with a problem
		if (operation) expect(Object.keys(operation.responses), name).to.include(String(status));
		const [type] = Object.keys(
			operation?.responses[status]?.content ?? (operation ? {} : { 'application/problem+json': {} }),
		);
		if (type === undefined) {
			expect(json, name).to.equal(undefined);
			return;
		}
		expect(headers.get('content-type'), name).to.equal(`${type}; charset=utf-8`);
		const reference = operation?.responses[status].content[type].schema.$ref ?? '#/components/schemas/Problem';
		const validate = this.#ajv.getSchema(`api${reference}`);
		expect(validate, reference).to.be.a('function');
		expect(validate?.(json), `${name}: ${this.#ajv.errorsText(validate?.errors)}`).to.equal(true);
	}
}

/** The header that opens the API. */
export function authorization(): { Authorization: string } {
	return { Authorization: `Bearer ${API_TOKEN}` };
}

/** Forbids fields that an object does not document. */
function withoutMoreFields<T>(schema: T): T {
	if (typeof schema !== 'object' || schema === null) return schema;
	if (Array.isArray(schema)) return schema.map(withoutMoreFields) as T;
	const closed = 'properties' in schema && 'type' in schema ? { additionalProperties: false } : {};
	return {
		...Object.fromEntries(Object.entries(schema).map(([name, value]) => [name, withoutMoreFields(value)])),
		...closed,
	} as T;
}
