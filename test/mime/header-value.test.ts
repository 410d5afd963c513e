import { expect } from 'chai';
import fc from 'fast-check';
import { parseHeaderValue } from '../../lib/mime/header-value.js';

function parameters(header: string): Record<string, string> {
	return Object.fromEntries(parseHeaderValue(header).parameters);
}

describe('parseHeaderValue', () => {
	it('reads the value and its parameters, names and value in lower case', () => {
		const { value, parameters: found } = parseHeaderValue(
			'Multipart/Related; TYPE="text/XML"; Boundary=AbC; start="<A>"',
		);
		expect(value).to.equal('multipart/related');
		expect(Object.fromEntries(found)).to.deep.equal({ type: 'text/XML', boundary: 'AbC', start: '<A>' });
	});

	it('reads values without quotes, with = and / and : in them', () => {
		expect(parameters('a/b; boundary=----=_Part_1==; type=text/xml; start=uuid:1@x')).to.deep.equal({
			boundary: '----=_Part_1==',
			type: 'text/xml',
			start: 'uuid:1@x',
		});
	});

	it('reads semicolons and escaped quotes inside quotes', () => {
		expect(parameters('a/b; boundary="x;y=z \\"q\\""; type=t')).to.deep.equal({ boundary: 'x;y=z "q"', type: 't' });
	});

	it('reads folded parameters, blanks around = and ;, and a ; at the end', () => {
		const expected = { type: 'text/xml', boundary: 'b' };
		expect(parameters('a/b;\r\n\ttype="text/xml";\r\n boundary=b')).to.deep.equal(expected);
		expect(parameters('a/b ; type = "text/xml" ; boundary = b ;')).to.deep.equal(expected);
		expect(parameters('a/b;; type=text/xml; ;boundary=b;;')).to.deep.equal(expected);
	});

	it('reads a parameter after a quoted one without ; or with a comma between', () => {
		expect(parameters('a/b; type="text/xml" boundary="b"')).to.deep.equal({ type: 'text/xml', boundary: 'b' });
		expect(parameters('a/b; type="text/xml", boundary="b"')).to.deep.equal({ type: 'text/xml', boundary: 'b' });
	});

	it('keeps the first of several parameters with one name, and inherits none from Object.prototype', () => {
		expect(parameters('a/b; x=1; X=2')).to.deep.equal({ x: '1' });
		expect([...parseHeaderValue('a/b; __proto__=1; constructor=2').parameters]).to.deep.equal([
			['__proto__', '1'],
			['constructor', '2'],
		]);
		expect(parseHeaderValue('a/b').parameters.get('constructor')).to.equal(undefined);
	});

	it('reads the intact parts of a broken header', () => {
		expect(parameters('a/b; boundary="never closed')).to.deep.equal({ boundary: 'never closed' });
		expect(parameters('a/b; flag; x=1')).to.deep.equal({ x: '1' });
		expect(parameters('a/b; =1')).to.deep.equal({});
		expect(parseHeaderValue(undefined).value).to.equal('');
		expect(parseHeaderValue('').value).to.equal('');
	});

	it('never fails, and reads back every quoted value', () => {
		fc.assert(
			fc.property(fc.string(), (header) => {
				expect(parseHeaderValue(header).value).to.be.a('string');
			}),
		);
		fc.assert(
			fc.property(fc.string(), fc.string(), (one, other) => {
				const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
				expect(parameters(`a/b; one=${quote(one)}; other=${quote(other)}`)).to.deep.equal({ one, other });
			}),
		);
	});
});
