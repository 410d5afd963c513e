import { expect } from 'chai';
import { decode } from 'iconv-lite';
import { decodeWindows1252 } from '../../lib/charset/windows-1252.js';

/** The bytes that windows-1252 gives no character: WHATWG reads them as control characters, iconv-lite as unknown. */
const UNASSIGNED = [0x81, 0x8d, 0x8f, 0x90, 0x9d];

describe('decodeWindows1252', () => {
	it('reads every byte as iconv-lite does, and those without a character as themselves', () => {
		for (let byte = 0; byte <= 0xff; byte++) {
			const bytes = Buffer.of(byte);
			const expected = UNASSIGNED.includes(byte) ? String.fromCharCode(byte) : decode(bytes, 'windows-1252');
			expect(decodeWindows1252(bytes), byte.toString(16)).to.equal(expected);
		}
	});

	it('reads a whole text', () => {
		expect(decodeWindows1252(Buffer.from([0x93, 0x35, 0x20, 0x80, 0x94]))).to.equal('“5 €”');
		expect(decodeWindows1252(Buffer.alloc(0))).to.equal('');
	});
});
