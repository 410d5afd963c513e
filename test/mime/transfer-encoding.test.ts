import { expect } from 'chai';
import fc from 'fast-check';
import { decodeTransferEncoding, transferEncodingName } from '../../lib/mime/transfer-encoding.js';

function decode(text: string, encoding?: string): string {
	return decodeTransferEncoding(Buffer.from(text, 'latin1'), transferEncodingName(encoding), 1000).toString('latin1');
}

describe('decodeTransferEncoding', () => {
	it('changes nothing for 7bit, 8bit, binary, an unknown word or a missing header', () => {
		for (const encoding of ['7bit', '8BIT', 'binary', 'x-relay', '', undefined]) {
			expect(decode('a=3D\r\nYQ==', encoding), encoding).to.equal('a=3D\r\nYQ==');
		}
	});

	it('reads base64 in any case, with line breaks and without padding', () => {
		expect(decode('PGE+\r\nYjwv\nYT4', 'base64')).to.equal('<a>b</a>');
		expect(decode('PGE+', ' BASE64 ')).to.equal('<a>');
	});

	it('reads quoted-printable: octets in either case, soft line breaks, and = that starts neither', () => {
		expect(decode('=3Ca=3e=\r\nb=\nc', 'Quoted-Printable')).to.equal('<a>bc');
		expect(decode('a = b =ZZ =', 'quoted-printable')).to.equal('a = b =ZZ =');
		expect(decode('=C3=A9', 'quoted-printable')).to.equal('\u00c3\u00a9');
	});

	it('reads back all bytes', () => {
		const octet = (byte: number) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
		fc.assert(
			fc.property(fc.uint8Array(), (bytes) => {
				const expected = Buffer.from(bytes);
				const quoted = Buffer.from([...bytes].map(octet).join(''));
				expect(decodeTransferEncoding(quoted, 'quoted-printable', 1000)).to.deep.equal(expected);
				expect(decodeTransferEncoding(Buffer.from(expected.toString('base64')), 'base64', 1000)).to.deep.equal(
					expected,
				);
			}),
		);
	});
});
