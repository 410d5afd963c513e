import { expect } from 'chai';
import { parseXml } from '../../lib/xml/parse.js';
import { codeOf, LIMITS } from '../support/xml.js';

describe('the tree of a document', () => {
	it('has elements with name, prefix, attributes, text as sent and children in order', () => {
		const root = parseXml('<p:r a="1" xmlns:p="urn:x"><b/> <a> t </a><b>2</b></p:r>', LIMITS);
		expect(root.name).to.equal('r');
		expect(root.prefix).to.equal('p');
		expect([...root.attributes]).to.deep.equal([
			['a', '1'],
			['xmlns:p', 'urn:x'],
		]);
		expect(root.children.map(({ name, text }) => [name, text])).to.deep.equal([
			['b', ''],
			['a', ' t '],
			['b', '2'],
		]);
	});

	it('joins text and CDATA around comments and processing instructions', () => {
		const root = parseXml('<r>a<![CDATA[<b> & ]]>c<!-- no -->d<?no?>e&amp;&#65;&#x42;</r>', LIMITS);
		expect(root.text).to.equal('a<b> & cde&AB');
	});

	it('reads elements and attributes named like properties of Object.prototype', () => {
		const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', '_'];
		for (const name of names) {
			const root = parseXml(`<r><${name} ${name}="1" z="2">t</${name}><a>u</a></r>`, LIMITS);
			expect(root.children.map((element) => element.name)).to.deep.equal([name, 'a']);
			expect(root.children[0]?.text, name).to.equal('t');
			expect(root.children[0]?.attributes.get(name), name).to.equal('1');
			expect(root.children[0]?.attributes.get('z'), name).to.equal('2');
		}
		expect(Object.hasOwn(Object.prototype, 'z')).to.equal(false);
	});

	it('keeps the first of two attributes with one name', () => {
		for (const name of ['a', 'hasOwnProperty', '__proto__']) {
			expect(parseXml(`<r ${name}="1" ${name}="2"/>`, LIMITS).attributes.get(name), name).to.equal('1');
		}
	});

	it('accepts documents at the limits, and rejects larger ones', () => {
		const nested = (depth: number) => '<a>'.repeat(depth) + '</a>'.repeat(depth);
		expect(codeOf(`<r>${'<a/>'.repeat(19)}</r>`)).to.equal(undefined);
		expect(codeOf(`<r>${'<a/>'.repeat(20)}</r>`)).to.equal('ERR_MM7_TOO_MANY_ELEMENTS');
		expect(codeOf(nested(5))).to.equal(undefined);
		expect(codeOf(nested(6))).to.equal('ERR_MM7_TOO_DEEP');
		expect(codeOf('<r a="1" b="2" c="3"><a a="1" b="2" c="3"/></r>')).to.equal(undefined);
		expect(codeOf('<r a="1" b="2" c="3" d="4"/>')).to.equal('ERR_MM7_TOO_MANY_ATTRIBUTES');
		for (const name of ['hasOwnProperty', '__proto__']) {
			expect(codeOf(`<r ${`${name}="" `.repeat(4)}/>`), name).to.equal('ERR_MM7_TOO_MANY_ATTRIBUTES');
		}
		expect(codeOf('<r a="1"/>', { ...LIMITS, attributes: 0 })).to.equal('ERR_MM7_TOO_MANY_ATTRIBUTES');
	});
});
