import { expect } from 'chai';
import { type Element, namespaceOf, sameName, trimmedText } from '../../lib/xml/element.js';
import { parseXml } from '../../lib/xml/parse.js';

function parse(xml: string): Element {
	return parseXml(xml, { elements: 50, depth: 10, attributes: 10 });
}

describe('trimmedText', () => {
	it('trims only the white space of XML', () => {
		expect(trimmedText(parse('<r> \t\r\n&#13;a b&#10;</r>'))).to.equal('a b');
		for (const character of ['\u00a0', '\u2028', '\ufeff', '\u0085', '\u3000', '\u000b']) {
			const text = `${character}a${character}`;
			expect(trimmedText(parse(`<r>${text}</r>`)), character.charCodeAt(0).toString(16)).to.equal(text);
		}
		expect(trimmedText(parse('<r> </r>'))).to.equal(undefined);
		expect(trimmedText(undefined)).to.equal(undefined);
	});
});

describe('namespaceOf', () => {
	it('uses the innermost declaration of the prefix', () => {
		const root = parse('<r xmlns="urn:one" xmlns:p="urn:two"><p:a xmlns:p=" urn:three "><b xmlns=""/></p:a></r>');
		const a = root.children[0] as Element;
		const b = a.children[0] as Element;
		expect(namespaceOf(root)).to.equal('urn:one');
		expect(namespaceOf(a)).to.equal('urn:three');
		expect(namespaceOf(b)).to.equal(undefined);
	});

	it('is undefined if the prefix is not declared', () => {
		expect(namespaceOf(parse('<p:r xmlns="urn:one" xmlns:q="urn:two"/>'))).to.equal(undefined);
		expect(namespaceOf(undefined)).to.equal(undefined);
	});
});

describe('sameName', () => {
	it('ignores case', () => {
		expect(sameName('MessageID', 'MESSAGEid')).to.equal(true);
		expect(sameName('MessageID', 'MessageI')).to.equal(false);
	});
});
