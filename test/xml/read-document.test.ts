import { expect } from 'chai';
import { Parser } from 'xml2js';
import { readDocument } from '../../lib/xml/read-document.js';
import { TreeBuilder } from '../../lib/xml/tree-builder.js';

const LIMITS = { maxElements: 10, maxDepth: 10, maxAttributes: 10 };

/** What `readDocument` needs of xml2js and of the parser inside it, which promise none of it. */
describe('the parser inside xml2js', () => {
	type Handlers = Record<string, unknown> & { position: number; tag: { attributes: Record<string, string> } };
	const parserInside = (): { parser: Parser; sax: Handlers } => {
		const parser = new Parser({ async: false });
		return { parser, sax: (parser as unknown as { saxParser: Handlers }).saxParser };
	};

	it('calls a handler for each thing of a document, in order, with the position behind it', () => {
		const { parser, sax } = parserInside();
		const seen: unknown[][] = [];
		const names = ['opentagstart', 'attribute', 'text', 'cdata', 'closetag', 'processinginstruction'];
		for (const name of names) {
			sax[`on${name}`] = (data: unknown) => seen.push([name, structuredClone(data), sax.position]);
		}
		sax['onopentag'] = undefined;
		parser.parseString('<?p i?>\n<a b="1\t2"\n  c=\'3\'>t&amp;<![CDATA[<]]><d/></a>');
		expect(seen).to.deep.equal([
			['processinginstruction', { name: 'p', body: 'i' }, 7],
			['text', '\n', 11],
			['opentagstart', { name: 'a', attributes: {} }, 11],
			['attribute', { name: 'b', value: '1\t2' }, 18],
			['attribute', { name: 'c', value: '3' }, 26],
			['text', 't&', 42],
			['cdata', '<', 46],
			['opentagstart', { name: 'd', attributes: {} }, 49],
			['closetag', 'd', 50],
			['closetag', 'a', 54],
		]);
	});

	it('tells a document type, and errors, whose handler may throw', () => {
		const { parser, sax } = parserInside();
		let doctypes = 0;
		sax['ondoctype'] = () => doctypes++;
		sax['onopentag'] = undefined;
		sax['onclosetag'] = undefined;
		sax['onerror'] = (error: Error) => {
			throw error;
		};
		expect(() => parser.parseString('<!DOCTYPE a [<!--x-->]><a></b>')).to.throw(Error, 'Unexpected close tag');
		expect(doctypes).to.equal(1);
	});

	it('holds the attributes of the open tag, asks them for `hasOwnProperty`, and knows those that are taken out again', () => {
		const { parser, sax } = parserInside();
		const seen: string[] = [];
		sax['onopentag'] = undefined;
		sax['onclosetag'] = undefined;
		sax['onattribute'] = ({ name }: { name: string }) => {
			seen.push(name);
			delete sax.tag.attributes[name];
		};
		parser.parseString('<a hasOwnProperty="1" b="2" b="3"/>');
		expect(seen).to.deep.equal(['hasOwnProperty', 'b', 'b']);
	});
});

describe('readDocument', () => {
	it('ends at the first thing that the tree refuses', () => {
		const tree = new TreeBuilder({ ...LIMITS, maxElements: 1 });
		expect(() => readDocument('<a><b/></c>', tree))
			.to.throw()
			.with.property('code', 'ERR_MM7_TOO_MANY_ELEMENTS');
	});

	it('lets two documents be read at once: nothing is shared', () => {
		const inner = new TreeBuilder(LIMITS);
		class Outer extends TreeBuilder {
			override text(text: string): void {
				super.text(text);
				readDocument('<b c="1">inner</b>', inner);
			}
		}
		const outer = new Outer(LIMITS);
		readDocument('<a><d>outer</d></a>', outer);
		expect(outer.root?.children[0]?.text).to.equal('outer');
		expect(inner.root?.text).to.equal('inner');
	});
});
