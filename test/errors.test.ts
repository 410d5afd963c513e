import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { ERRORS, type ErrorTraits, Mm7Error, type Mm7ErrorCode, Mm7Rejection, Mm7ServiceError } from '../lib/errors.js';
import { anchorsOf, readMarkdown } from './support/markdown.js';

/** A code and its section in docs/errors.md. */
interface Section {
	readonly code: string;
	/** HTTP status, fault and StatusCode, or that no response is sent. */
	readonly response: string;
	readonly text: string;
}

function sections(): Section[] {
	const page = readFileSync(path.join(__dirname, '..', 'docs', 'errors.md'), 'utf8');
	const all = page.matchAll(/^### (ERR_MM7_\w+)\n\n(.+)\n\n([^#]*(?:#(?!#)[^#]*)*)/gm);
	return [...all].map(([, code = '', response = '', text = '']) => ({ code, response, text }));
}

/** Describes the response in the words of the page. */
function responseOf(code: string, { http, fault, status }: ErrorTraits): string | undefined {
	if (http === undefined) return undefined;
	const httpStatus = http === 'client' ? 'clientFaultStatus (500)' : http;
	const statusCode = code === 'ERR_MM7_REJECTED' ? 'of the rejection' : (status ?? 'none');
	return `HTTP ${httpStatus} · SOAP fault ${fault} · StatusCode ${statusCode}`;
}

describe('errors', () => {
	const anchors = [...anchorsOf(readMarkdown('docs/errors.md'))];
	const documented = new Map(sections().map((section) => [section.code, section]));

	it('are the headings of docs/errors.md, together with the codes of warnings', () => {
		expect([...documented.keys()]).to.deep.equal([...Object.keys(ERRORS), 'ERR_MM7_HOOK', 'ERR_MM7_ALLOW_FROM_UNSET']);
	});

	for (const [code, traits] of Object.entries(ERRORS) as [Mm7ErrorCode, ErrorTraits][]) {
		it(`have the response that docs/errors.md states: ${code}`, () => {
			const { response = '', text } = documented.get(code) ?? {};
			const expected = responseOf(code, traits);
			if (expected === undefined) expect(response).to.match(/^No response is sent/);
			else expect(response).to.equal(expected);
			expect(text).to.match(/^\*\*When:\*\* \S[\s\S]+\n\n\*\*What to do:\*\* \S/);
			expect(new Mm7Error(code).statusCode).to.equal(traits.status);
		});

		it(`link to their heading in the message: ${code}`, () => {
			const [, anchor = ''] = /\(docs\/errors\.md#(\w+)\)$/.exec(new Mm7Error(code).message) ?? [];
			expect(anchors).to.include(anchor);
		});
	}

	it('keep the cause and the detail', () => {
		const cause = new Error('inner');
		const error = new Mm7Error('ERR_MM7_XML', { cause, detail: 'line 3' });
		expect(error).to.be.instanceOf(Error);
		expect(error).to.include({ name: 'Mm7Error', code: 'ERR_MM7_XML', cause, detail: 'line 3' });
		expect(error.message).to.equal('The SOAP part is not well-formed XML: line 3 (docs/errors.md#err_mm7_xml)');
		expect(new Mm7Error('ERR_MM7_XML')).not.to.have.property('cause');
	});

	it('expose only documented properties', () => {
		const properties = ['cause', 'code', 'detail', 'message', 'name', 'stack', 'statusCode', 'transactionId'];
		const details = { cause: 1, detail: 'line 3', transactionId: '7' };
		const error = new Mm7Error('ERR_MM7_XML', details);
		expect(Object.getOwnPropertyNames(error)).to.have.members(properties);
		const known = new Mm7Error('ERR_MM7_XML', { ...details, soapVersion: '1.2', namespace: 'urn:mm7' });
		expect(Object.getOwnPropertyNames(known)).to.have.members([...properties, 'soapVersion', 'namespace']);
	});

	it('have a separate class for permanent failures thrown by a handler', () => {
		const cause = new Error('inner');
		const error = new Mm7ServiceError('no such tenant', { cause });
		expect(error).to.be.instanceOf(Mm7Error);
		expect(error).to.include({ name: 'Mm7ServiceError', code: 'ERR_MM7_SERVICE_ERROR', statusCode: 4005, cause });
		expect(error.detail).to.equal('no such tenant');
	});

	describe('Mm7Rejection', () => {
		it('is an Mm7Error with the code that rejects the report', () => {
			const rejection = new Mm7Rejection(2005, 'unknown');
			expect(rejection).to.be.instanceOf(Mm7Error);
			expect(rejection).to.include({
				name: 'Mm7Rejection',
				code: 'ERR_MM7_REJECTED',
				statusCode: 2005,
				details: 'unknown',
				message: 'Rejected by the application: 2005 unknown (docs/errors.md#err_mm7_rejected)',
			});
		});

		for (const code of [1000, 1999, 999, 10_000, 2005.5, Number.NaN, '2005']) {
			it(`throws a TypeError for ${JSON.stringify(code)}, which does not reject a report`, () => {
				expect(() => new Mm7Rejection(code as number)).to.throw(TypeError, 'statusCode');
			});
		}
	});
});
