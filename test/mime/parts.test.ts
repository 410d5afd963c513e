import { expect } from 'chai';
import { locateParts, sniffBoundary } from '../../lib/mime/parts.js';

interface Located {
	readonly headers: Record<string, string>;
	readonly text: string;
}

function locate(body: string, boundary = 'b', max = 16): Located[] {
	const bytes = Buffer.from(body, 'latin1');
	return locateParts(bytes, boundary, max).map(({ headers, start, end }) => ({
		headers: { ...headers },
		text: bytes.toString('latin1', start, end),
	}));
}

const ONE = [{ headers: { 'content-type': 'text/xml' }, text: '<a/>' }];

describe('locateParts', () => {
	const framings: Record<string, string> = {
		'CRLF as it should be': '--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--\r\n',
		'LF only': '--b\nContent-Type: text/xml\n\n<a/>\n--b--\n',
		'a preamble and an epilogue':
			'Hello\r\n\r\n--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--\r\nBye\r\n--b\r\nno part',
		'blanks after the delimiters': '--b \t\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b-- \r\n',
		'no closing delimiter': '--b\r\nContent-Type: text/xml\r\n\r\n<a/>',
		'a closing delimiter on the line of the XML': '--b\r\nContent-Type: text/xml\r\n\r\n<a/>--b--\r\n',
		'an open last delimiter': '--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--',
		'an empty line before the first delimiter': '\r\n--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--',
		'a byte order mark before the first delimiter':
			'\u00ef\u00bb\u00bf--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--',
		'a question mark before the first delimiter': '?--b\r\nContent-Type: text/xml\r\n\r\n<a/>\r\n--b--',
		'a folded header': '--b\r\nContent-Type:\r\n text/xml\r\n\r\n<a/>\r\n--b--',
		'a header without blank, in capitals': '--b\r\nCONTENT-TYPE:text/xml\r\n\r\n<a/>\r\n--b--',
		'a header that is only a name': '--b\r\nContent-Type: text/xml\r\nbare\r\n folded\r\n\r\n<a/>\r\n--b--',
		'no empty line before the XML': '--b\r\nContent-Type: text/xml\r\n<a/>\r\n--b--',
	};
	for (const [title, body] of Object.entries(framings)) {
		it(`reads ${title}`, () => {
			expect(locate(body)).to.deep.equal(ONE);
		});
	}

	it('cuts off a closing delimiter with up to 16 bytes of junk, without <, at the end of the body', () => {
		const textOf = (rest: string) => locate(`--b\r\n\r\n${rest}`)[0]?.text;
		for (const junk of ['', '--', '-', '---', '--x', 'x', '--\t\r\n\0 ', '1234567890123456', '+-']) {
			expect(textOf(`<a/>--b${junk}`), junk).to.equal('<a/>');
			expect(textOf(`<a/>\r\n--b${junk}`), junk).to.equal('<a/>');
		}
		for (const rest of [
			'<a/>--c--',
			'<a/>-b--',
			'<a/>b--',
			'<a/>',
			'--',
			'',
			'<a>--b--</a>',
			'<a/>--b12345678901234567',
		]) {
			expect(textOf(rest), rest).to.equal(rest);
		}
		// blanks at the end of an unclosed part are kept
		expect(textOf('<a/> \r\n')).to.equal('<a/> \r\n');
		expect(textOf(' \r\n ')).to.equal(' \r\n ');
	});

	it('reads empty parts and parts without headers', () => {
		expect(locate('--b\r\n\r\n<a/>\r\n--b\r\n<c/>\r\n--b\r\n\r\n\r\n--b\r\n--b--')).to.deep.equal([
			{ headers: {}, text: '<a/>' },
			{ headers: {}, text: '<c/>' },
			{ headers: {}, text: '' },
			{ headers: {}, text: '' },
		]);
	});

	it('keeps the first of several headers with one name', () => {
		expect(locate('--b\r\nX: 1\r\nx: 2\r\n 3\r\n\r\n<a/>')[0]?.headers).to.deep.equal({ x: '1' });
	});

	it('treats a longer boundary, and a boundary inside a line, as content', () => {
		const content = '<a>--b\r\n--b2\r\n--b--c\r\n --b\r\n--b x</a>';
		expect(locate(`--b\r\n\r\n${content}\r\n--b--`)).to.deep.equal([{ headers: {}, text: content }]);
	});

	it('finds boundaries with every legal character, and boundaries that begin with --', () => {
		for (const boundary of ["'()+_,-./:=?", 'a b', '--b', '----=_Part_1', '.*', '[a]', '==MM7==', 'ü']) {
			const body = `--${boundary}\r\n\r\n<a/>\r\n--${boundary}--`;
			expect(locate(body, boundary), boundary).to.deep.equal([{ headers: {}, text: '<a/>' }]);
		}
	});

	it('stops one part after the maximum', () => {
		expect(locate('--b\r\n\r\n<a/>\r\n'.repeat(9), 'b', 3)).to.have.lengthOf(4);
	});

	it('finds nothing in a body without the boundary', () => {
		expect(locate('<a/>')).to.deep.equal([]);
		expect(locate('')).to.deep.equal([]);
		expect(locate('--b--\r\n')).to.deep.equal([]);
	});
});

describe('sniffBoundary', () => {
	it('returns the first line that starts with -- and has a part after it', () => {
		expect(sniffBoundary(Buffer.from('--b\r\nContent-Type: text/xml\r\n\r\n<a/>'))).to.equal('b');
		expect(sniffBoundary(Buffer.from('Hello\n----=_b==  \n\n<a/>'))).to.equal('--=_b==');
		expect(sniffBoundary(Buffer.from('--b\r\n<a/>'))).to.equal('b');
		expect(sniffBoundary(Buffer.from('-- this is MIME --\r\n--b\r\nContent-Type: text/xml\r\n\r\n<a/>'))).to.equal('b');
	});

	it('returns undefined for a body without one', () => {
		expect(sniffBoundary(Buffer.from('a --b\r\n\r\n<a/>'))).to.equal(undefined);
		expect(sniffBoundary(Buffer.from('--\r\n-\r\n'))).to.equal(undefined);
		expect(sniffBoundary(Buffer.from(`--${'b'.repeat(2000)}\r\n\r\n`))).to.equal(undefined);
		expect(sniffBoundary(Buffer.alloc(0))).to.equal(undefined);
	});
});
