import { expect } from 'chai';
import { attribute, child, childText } from '../../lib/mm7/find.js';
import type { Element } from '../../lib/xml/element.js';
import { parseXml } from '../../lib/xml/parse.js';

function parse(xml: string): Element {
	return parseXml(xml, { elements: 50, depth: 10, attributes: 10 });
}

describe('child and childText', () => {
	it('search direct children only, by local name, ignoring case', () => {
		const root = parse('<r><x><a>deep</a></x><p:a>first</p:a><a>second</a><e> </e></r>');
		expect(childText(root, 'a')).to.equal('first');
		expect(child(root, 'E')?.name).to.equal('e');
		expect(child(root, 'r')).to.equal(undefined);
		expect(child(undefined, 'a')).to.equal(undefined);
	});

	it('return the first of several that is not empty', () => {
		const root = parse('<r><a/><p:a><b/></p:a><a>third</a><c/></r>');
		expect(child(root, 'a')?.prefix).to.equal('p');
		expect(childText(root, 'c')).to.equal(undefined);
	});

	it('prefer an exact match in case if several share the name', () => {
		expect(childText(parse('<r><A>1</A><a>2</a></r>'), 'a')).to.equal('2');
		expect(childText(parse('<r><A>1</A><b/></r>'), 'a')).to.equal('1');
	});

	it('find nothing inherited from Object.prototype', () => {
		for (const name of ['constructor', '__proto__', 'toString']) {
			expect(child(parse('<r/>'), name), name).to.equal(undefined);
		}
	});
});

describe('attribute', () => {
	it('compares local names ignoring case, and trims the value', () => {
		expect(attribute(parse('<r p:UAProf=" x "/>'), 'uaprof')).to.equal('x');
	});

	it('ignores namespace declarations, and treats an empty attribute as absent', () => {
		expect(attribute(parse('<r xmlns:id="urn:x"/>'), 'id')).to.equal(undefined);
		expect(attribute(parse('<r xmlns:id="urn:x" id="1"/>'), 'id')).to.equal('1');
		expect(attribute(parse('<r id=" "/>'), 'id')).to.equal(undefined);
	});
});
