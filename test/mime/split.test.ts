import busboy from 'busboy';
import { expect } from 'chai';
import fc from 'fast-check';
import { splitParts } from '../../lib/mime/split.js';

/** All characters that RFC 2046 allows in a boundary. A blank must not be the last one. */
const BOUNDARY = fc
	.array(fc.constantFrom(..."0123456789abcXYZ'()+_,-./:=? "), { minLength: 1, maxLength: 70 })
	.map((characters) => characters.join('').replace(/ $/, '_'));

/** Loads `splitParts` with a busboy that has these additional limits. */
function splitUnder(limits: busboy.Limits): typeof splitParts {
	const loaded = require.cache[require.resolve('busboy')] as NodeJS.Module;
	const split = require.resolve('../../lib/mime/split.ts');
	const [exports, cached] = [loaded.exports, require.cache[split]];
	loaded.exports = (config: busboy.BusboyConfig) => busboy({ ...config, limits: { ...config.limits, ...limits } });
	delete require.cache[split];
	try {
		return require(split).splitParts;
	} finally {
		loaded.exports = exports;
		require.cache[split] = cached;
	}
}

describe('splitParts', () => {
	describe('relies on busboy', () => {
		const body = Buffer.from('--b\r\n\r\n<first/>\r\n--b\r\n\r\n<second/>\r\n--b--');

		it('for the number of parts: a part that busboy does not return is an error', () => {
			expect(splitUnder({ fields: 2 })(body, 'b', 2)).to.have.lengthOf(2);
			expect(() => splitUnder({ fields: 1 })(body, 'b', 2))
				.to.throw(/part 2 of 2 was not found/)
				.with.property('code', 'ERR_MM7_MIME');
		});

		it('for their content, up to its limit for fields', () => {
			const bytes = (limits: busboy.Limits) => splitUnder(limits)(body, 'b', 2).map((part) => part.bytes.toString());
			expect(bytes({})).to.deep.equal(['<first/>', '<second/>']);
			expect(bytes({ fieldSize: 6 })).to.deep.equal(['<first', '<secon']);
		});
	});

	it('returns the bytes of any number of parts, whatever the content and the boundary', () => {
		const content = fc.oneof(
			fc.uint8Array({ maxLength: 200 }),
			// bytes that look like framing
			fc
				.array(fc.constantFrom('\r', '\n', '--', '-', 'mm7-', ':', ' ', '<a/>', 'Content-Type: x\r\n\r\n'), {
					maxLength: 30,
				})
				.map((pieces) => Buffer.from(pieces.join(''))),
		);
		fc.assert(
			fc.property(BOUNDARY, fc.array(content, { minLength: 1, maxLength: 8 }), (boundary, contents) => {
				const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
				fc.pre(contents.every((bytes) => !Buffer.concat([Buffer.from('\n'), bytes]).includes(delimiter.subarray(1))));
				const body = Buffer.concat([
					...contents.flatMap((bytes) => [delimiter, Buffer.from('\r\nContent-Type: a/b\r\n\r\n'), bytes]),
					delimiter,
					Buffer.from('--\r\n'),
				]);
				const parts = splitParts(body, boundary, 8);
				expect(parts.map(({ bytes }) => bytes.toString('hex'))).to.deep.equal(
					contents.map((bytes) => Buffer.from(bytes).toString('hex')),
				);
				for (const { headers } of parts) expect({ ...headers }).to.deep.equal({ 'content-type': 'a/b' });
			}),
		);
	});

	it('returns attachments of several megabytes', () => {
		const attachment = Buffer.alloc(3 * 1024 * 1024, '\r\n--mm7-b');
		const body = Buffer.concat([Buffer.from('--b\r\n\r\n<a/>\r\n--b\r\n\r\n'), attachment, Buffer.from('\r\n--b--')]);
		const parts = splitParts(body, 'b', 2);
		expect(parts[0]?.bytes.toString()).to.equal('<a/>');
		expect(parts[1]?.bytes.equals(attachment)).to.equal(true);
	});

	it('accepts header names like __proto__ and constructor', () => {
		const [part] = splitParts(Buffer.from('--b\r\n__proto__: 1\r\nconstructor: 2\r\n\r\n<a/>\r\n--b--'), 'b', 1);
		expect(Object.keys(part?.headers ?? {})).to.deep.equal(['__proto__', 'constructor']);
	});

	it('rejects more parts than allowed', () => {
		const body = Buffer.from('--b\r\n\r\n<a/>\r\n'.repeat(3));
		expect(splitParts(body, 'b', 3)).to.have.lengthOf(3);
		expect(() => splitParts(body, 'b', 2))
			.to.throw()
			.with.property('code', 'ERR_MM7_TOO_MANY_PARTS');
	});

	it('returns no part for a body without the boundary', () => {
		expect(splitParts(Buffer.from('nothing'), 'b', 3)).to.deep.equal([]);
	});
});
