import { expect } from 'chai';
import { Parser } from 'xml2js';
import { readDocument } from '../../lib/xml/read-document.js';
import { TreeBuilder } from '../../lib/xml/tree-builder.js';

const LIMITS = { elements: 10, depth: 10, attributes: 10 };

/** Undocumented behavior of xml2js and of its parser that `readDocument` relies on. */
describe('the parser inside xml2js', () => {
	type Handlers = Record<string, unknown> & { line: number; tag: { name: string; attributes: Record<string, string> } };
	const parserInside = (): { parser: Parser; sax: Handlers } => {
		const parser = new Parser({ async: false });
		return { parser, sax: (parser as unknown as { saxParser: Handlers }).saxParser };
	};

	it('calls a handler for each part of a document, in order, and counts lines from 0', () => {
		const { parser, sax } = parserInside();
		const seen: unknown[][] = [];
		for (const name of ['opentag', 'text', 'cdata', 'closetag', 'processinginstruction']) {
			sax[`on${name}`] = (data: unknown) => seen.push([name, structuredClone(data), sax.line]);
		}
		sax['onattribute'] = (data: unknown) => seen.push(['attribute', structuredClone(data), sax.tag.name]);
		parser.parseString('<?p i?>\n<a b="1\t2"\n  c=\'3\'>t&amp;<![CDATA[<]]><d/></a>');
		const [a, d] = [{ b: '1\t2', c: '3' }, {}].map((attributes, i) => ({
			name: 'ad'[i],
			attributes,
			isSelfClosing: i === 1,
		}));
		expect(seen).to.deep.equal([
			['processinginstruction', { name: 'p', body: 'i' }, 0],
			['text', '\n', 1],
			['attribute', { name: 'b', value: '1\t2' }, 'a'],
			['attribute', { name: 'c', value: '3' }, 'a'],
			['opentag', a, 2],
			['text', 't&', 2],
			['cdata', '<', 2],
			['opentag', d, 2],
			['closetag', 'd', 2],
			['closetag', 'a', 2],
		]);
	});

	it('looks up entities in a table that can be replaced', () => {
		const { parser, sax } = parserInside();
		sax['ENTITIES'] = { x: 'y' };
		sax['onopentag'] = sax['onclosetag'] = undefined;
		let text = '';
		sax['ontext'] = (piece: string) => {
			text += piece;
		};
		parser.parseString('<a>&x;</a>');
		expect(text).to.equal('y');
	});

	it('reports a document type, and errors, whose handler may throw', () => {
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

	it('keeps the attributes of the open tag, calls their `hasOwnProperty`, and reports deleted ones again', () => {
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
	it('stops at the first construct that the tree rejects', () => {
		const tree = new TreeBuilder({ ...LIMITS, elements: 1 });
		expect(() => readDocument('<a><b/></c>', tree))
			.to.throw()
			.with.property('code', 'ERR_MM7_TOO_MANY_ELEMENTS');
	});

	it('can read two documents at once without shared state', () => {
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
