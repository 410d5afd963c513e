import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { ERRORS, type ErrorTraits } from '../lib/errors.js';
import { Mm7Error, type Mm7ErrorCode, Mm7Rejection, Mm7ServiceError } from '../lib/index.js';

const README = readFileSync(path.join(__dirname, '..', 'README.md'), 'utf8');

/** The rows of the README's table by code: HTTP status, fault, StatusCode. */
function documented(): Map<string, string[]> {
	const rows = README.matchAll(/^\| `(ERR_MM7_\w+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|/gm);
	return new Map([...rows].map(([, code, ...cells]) => [code as string, cells.map((cell) => cell.trim())]));
}

describe('errors', () => {
	it('are all in the table of the README, and no others', () => {
		expect([...documented().keys()]).to.deep.equal(Object.keys(ERRORS));
	});

	for (const [code, traits] of Object.entries(ERRORS) as [Mm7ErrorCode, ErrorTraits][]) {
		it(`are answered as the README says: ${code}`, () => {
			const { http, fault, status } = traits;
			const expected = [
				http === 'client' ? 'C' : String(http ?? 'none'),
				fault ?? 'none',
				code === 'ERR_MM7_REJECTED' ? 'the given one' : String(status ?? 'none'),
			];
			expect(documented().get(code)).to.deep.equal(expected);
			expect(new Mm7Error(code).statusCode).to.equal(status);
		});
	}

	it('keep the error behind them, and their detail', () => {
		const cause = new Error('inner');
		const error = new Mm7Error('ERR_MM7_XML', { cause, detail: 'line 3' });
		expect(error).to.be.instanceOf(Error);
		expect(error).to.include({ name: 'Mm7Error', code: 'ERR_MM7_XML', cause, detail: 'line 3' });
		expect(error.message).to.equal('The SOAP part is not well-formed XML: line 3 (docs/errors.md#err_mm7_xml)');
		expect(new Mm7Error('ERR_MM7_XML')).not.to.have.property('cause');
	});

	it('show a user nothing but what may be relied on', () => {
		const error = new Mm7Error('ERR_MM7_XML', { cause: 1, detail: 'line 3', transactionId: '7' });
		expect(Object.getOwnPropertyNames(error).sort()).to.deep.equal(
			['cause', 'code', 'detail', 'message', 'name', 'stack', 'statusCode', 'transactionId'].sort(),
		);
	});

	describe('Mm7ServiceError', () => {
		it('is a Mm7Error with the code of a permanent failure', () => {
			const cause = new Error('inner');
			const error = new Mm7ServiceError('no such tenant', { cause });
			expect(error).to.be.instanceOf(Mm7Error);
			expect(error).to.include({ name: 'Mm7ServiceError', code: 'ERR_MM7_SERVICE_ERROR', statusCode: 4005, cause });
			expect(error.detail).to.equal('no such tenant');
		});
	});

	describe('Mm7Rejection', () => {
		it('is a Mm7Error with the code that refuses the report', () => {
			const rejection = new Mm7Rejection(2005, 'unknown');
			expect(rejection).to.be.instanceOf(Mm7Error);
			expect(rejection).to.include({
				name: 'Mm7Rejection',
				code: 'ERR_MM7_REJECTED',
				statusCode: 2005,
				details: 'unknown',
				message: 'Refused by the application: 2005 unknown (docs/errors.md#err_mm7_rejected)',
			});
		});

		for (const code of [1000, 1999, 999, 10_000, 2005.5, Number.NaN, '2005']) {
			it(`refuses ${JSON.stringify(code)}, which cannot refuse a report`, () => {
				expect(() => new Mm7Rejection(code as number)).to.throw(TypeError, 'statusCode');
			});
		}
	});
});
