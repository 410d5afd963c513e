import { expect } from 'chai';
import {
	attribute,
	child,
	childText,
	type Element,
	namespaceOf,
	sameName,
	trimmedText,
} from '../../lib/xml/element.js';
import { parseXml } from '../../lib/xml/parse.js';

function parse(xml: string): Element {
	return parseXml(xml, { maxElements: 50, maxDepth: 10, maxAttributes: 10 });
}

describe('child and childText', () => {
	it('look at direct children only, by local name, without case', () => {
		const root = parse('<r><x><a>deep</a></x><p:A>first</p:A><a>second</a><e> </e></r>');
		expect(childText(root, 'a')).to.equal('first');
		expect(child(root, 'E')?.name).to.equal('e');
		expect(child(root, 'r')).to.equal(undefined);
		expect(child(undefined, 'a')).to.equal(undefined);
	});

	it('take the first of several; without text it counts as absent', () => {
		const root = parse('<r><a/><a>second</a></r>');
		expect(childText(root, 'a')).to.equal(undefined);
	});

	it('find nothing that is inherited from Object.prototype', () => {
		for (const name of ['constructor', '__proto__', 'toString']) {
			expect(child(parse('<r/>'), name), name).to.equal(undefined);
		}
	});
});

describe('trimmedText', () => {
	it('takes away the white space of XML, and no other', () => {
		expect(trimmedText(parse('<r> \t\r\n&#13;a b&#10;</r>'))).to.equal('a b');
		for (const character of ['\u00a0', '\u2028', '\ufeff', '\u0085', '\u3000', '\u000b']) {
			const text = `${character}a${character}`;
			expect(trimmedText(parse(`<r>${text}</r>`)), character.charCodeAt(0).toString(16)).to.equal(text);
		}
		expect(trimmedText(parse('<r> </r>'))).to.equal(undefined);
		expect(trimmedText(undefined)).to.equal(undefined);
	});
});

describe('attribute', () => {
	it('compares local names without case, and trims', () => {
		expect(attribute(parse('<r p:UAProf=" x "/>'), 'uaprof')).to.equal('x');
	});

	it('passes over namespace declarations; an empty attribute counts as absent', () => {
		expect(attribute(parse('<r xmlns:id="urn:x"/>'), 'id')).to.equal(undefined);
		expect(attribute(parse('<r xmlns:id="urn:x" id="1"/>'), 'id')).to.equal('1');
		expect(attribute(parse('<r id=" "/>'), 'id')).to.equal(undefined);
	});
});

describe('namespaceOf', () => {
	it('takes the innermost declaration of the prefix', () => {
		const root = parse('<r xmlns="urn:one" xmlns:p="urn:two"><p:a xmlns:p=" urn:three "><b xmlns=""/></p:a></r>');
		const a = root.children[0] as Element;
		const b = a.children[0] as Element;
		expect(namespaceOf([root])).to.equal('urn:one');
		expect(namespaceOf([root, a])).to.equal('urn:three');
		expect(namespaceOf([root, a, b])).to.equal(undefined);
	});

	it('finds none where the prefix is not declared', () => {
		expect(namespaceOf([parse('<p:r xmlns="urn:one" xmlns:q="urn:two"/>')])).to.equal(undefined);
		expect(namespaceOf([])).to.equal(undefined);
	});
});

describe('sameName', () => {
	it('compares without case', () => {
		expect(sameName('MessageID', 'MESSAGEid')).to.equal(true);
		expect(sameName('MessageID', 'MessageI')).to.equal(false);
	});
});
