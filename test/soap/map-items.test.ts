import { expect } from 'chai';
import { withoutMapItems } from '../../lib/soap/map-items.js';
import type { Element } from '../../lib/xml/element.js';
import { parseXml } from '../../lib/xml/parse.js';

const read = (xml: string) => parseXml(xml, { elements: 100, depth: 20, attributes: 20 });

/** The tree as `name(children)` or `name=text`. */
function shape({ name, text, children }: Element): string {
	return children.length > 0 ? `${name}(${children.map(shape).join(' ')})` : `${name}=${text.trim()}`;
}

describe('withoutMapItems', () => {
	for (const [xml, expected] of [
		['<R><item><key>Number</key><value>1</value></item></R>', 'R(Number=1)'],
		['<R><item><key xsi:type="s">Number</key><value xsi:type="s">1</value></item></R>', 'R(Number=1)'],
		['<O><item><key>R</key><value><item><key>Number</key><value>1</value></item></value></item></O>', 'O(R(Number=1))'],
		['<O><param0><item><key>A</key><value>1</value></item></param0><param1><B>2</B></param1></O>', 'O(A=1 B=2)'],
		['<O><param10><A>1</A></param10></O>', 'O(A=1)'],
		['<R><Item><Key>Number</Key><Value>1</Value></Item></R>', 'R(Number=1)'],
		['<O><R><item><key>A</key><value>1</value></item><B>2</B></R></O>', 'O(R(A=1 B=2))'],
	] as const) {
		it(`reads ${xml} as ${expected}`, () => {
			expect(shape(withoutMapItems(read(xml)))).to.equal(expected);
		});
	}

	for (const xml of [
		'<O><Extension><MessageExtraData><element><key>A</key><value>1</value></element></MessageExtraData></Extension></O>',
		'<O><item><key>A</key></item><item><value>1</value></item><item>1</item></O>',
		'<O><param0>1</param0><A>2</A></O>',
	]) {
		it(`leaves ${xml} unchanged`, () => {
			const element = read(xml);
			expect(withoutMapItems(element)).to.equal(element);
		});
	}
});
