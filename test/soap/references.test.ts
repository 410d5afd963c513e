import { expect } from 'chai';
import { withReferredValues } from '../../lib/soap/references.js';
import type { Element } from '../../lib/xml/element.js';
import { parseXml } from '../../lib/xml/parse.js';

const LIMITS = { elements: 1000, depth: 20, attributes: 20 };

/** The operation of a Body with its references followed. */
function read(operation: string, ...values: string[]): Element {
	const [first, ...others] = parseXml(`<Body>${operation}${values.join('')}</Body>`, LIMITS).children;
	return withReferredValues(first as Element, others);
}

/** The tree as `name(children)` or `name=text`. */
function shape({ name, text, children }: Element): string {
	return children.length > 0 ? `${name}(${children.map(shape).join(' ')})` : `${name}=${text.trim()}`;
}

function countElements({ children }: Element): number {
	return children.reduce((count, element) => count + countElements(element), 1);
}

describe('withReferredValues', () => {
	for (const [operation, values, expected] of [
		['<O><R href="#a"/></O>', ['<m id="a"><N>1</N></m>'], 'O(R(N=1))'],
		['<O><R href="#a"/><S href="#b"/></O>', ['<m id="b">2</m>', '<m id="a">1</m>'], 'O(R=1 S=2)'],
		['<O><R href="#a"/><S href="#a"/></O>', ['<m id="a">1</m>'], 'O(R=1 S=1)'],
		['<O href="#a"/>', ['<m id="a"><R href="#b"/></m>', '<m id="b"><N>1</N></m>'], 'O(R(N=1))'],
	] as const) {
		it(`reads ${operation} before ${values.join('')} as ${expected}`, () => {
			expect(shape(read(operation, ...values))).to.equal(expected);
		});
	}

	for (const [operation, value] of [
		['<O><R href="#b"/></O>', '<m id="a">1</m>'],
		['<O><R href="a"/></O>', '<m id="a">1</m>'],
		['<O><R href="#a">own</R></O>', '<m id="a">1</m>'],
		['<O><R href="#a"><N>own</N></R></O>', '<m id="a">1</m>'],
	] as const) {
		it(`follows no reference in ${operation} before ${value}`, () => {
			expect(shape(read(operation, value))).to.equal(shape(read(operation)));
		});
	}

	it('copies the attributes of the value except its id', () => {
		const { children } = read('<O><N href="#a"/></O>', '<m id="a" displayOnly="true">1</m>');
		expect([...(children[0] as Element).attributes]).to.deep.equal([['displayOnly', 'true']]);
	});

	it('adds no more than a thousand elements, however wide the values are', () => {
		const references = '<a href="#x"/>'.repeat(200);
		expect(countElements(read(`<O>${references}</O>`, `<q id="x">${references}</q>`))).to.be.below(1300);
		const deep = `<q id="x"><r>${'<a/>'.repeat(200)}</r></q>`;
		expect(countElements(read(`<O>${references}</O>`, deep))).to.be.below(1300);
	});

	it('stops if values refer to each other, or each to many others', () => {
		const circle = read('<O><R href="#a"/></O>', '<m id="a"><N href="#b"/></m>', '<m id="b"><N href="#a"/></m>');
		expect(countElements(circle)).to.be.below(1100); // stops an endless walk after a thousand visits
		const tenfold = Array.from({ length: 9 }, (_, i) => `<m id="${i}">${`<N href="#${i + 1}"/>`.repeat(10)}</m>`);
		expect(countElements(read('<O><R href="#0"/></O>', ...tenfold))).to.be.below(1100); // instead of 10 ** 9
	});
});
