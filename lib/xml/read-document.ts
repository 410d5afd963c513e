import { Parser } from 'xml2js';
import { asMm7Error, Mm7Error } from '../errors.js';
import { replaceForbidden } from './escape.js';
import type { TreeBuilder } from './tree-builder.js';

interface Tag {
	readonly name: string;
	readonly attributes: Record<string, string>;
}

/** The used part of the sax parser inside xml2js. */
interface Sax {
	/** Current line, from 0. */
	readonly line: number;
	/** The current tag. */
	readonly tag: Tag;
	ENTITIES: Readonly<Record<string, string>>;
	onattribute: (attribute: { readonly name: string; readonly value: string }) => void;
	onopentag: (tag: Tag) => void;
	ontext: (text: string) => void;
	oncdata: (text: string) => void;
	onclosetag: () => void;
	onprocessinginstruction: (instruction: { readonly name: string; readonly body: string }) => void;
	ondoctype: () => void;
	onerror: (error: Error) => void;
}

/**
 * Has xml2js read one document, and passes what it reads to the tree. Only this file knows the sax parser inside xml2js,
 * which is not part of its interface.
 *
 * The tree is built from the parser's events: xml2js's own result, objects keyed by tag name, loses the order of
 * elements, and its keys collide with inherited properties (`__proto__`). Its option `xmlns` stays off, because its
 * cost grows with the cube of the depth.
 *
 * @param text - without a byte order mark, with line feeds as its only line ends
 * @throws Mm7Error ERR_MM7_XML with the parser's reason, ERR_MM7_DOCTYPE, and any error of the tree
 */
export function readDocument(text: string, tree: TreeBuilder): void {
	const parser = new Parser({ async: false }) as Parser & { readonly saxParser: Sax };
	const sax = parser.saxParser;
	sax.ENTITIES = entities ??= withoutPrototype(sax.ENTITIES);
	const mayForbid = text.includes('&#');
	let opened: Tag | undefined;

	// Named first: V8 keeps a closure written inline after `sax.on… =`, and the tree it captures, until the next full GC.
	// That cost 25% CPU and twice the memory.
	const openTag: Sax['onopentag'] = (tag) => {
		// at the first attribute of a tag or at its end; old versions of sax have no event for its start
		if (tag !== opened) tree.openTag(tag.name);
		opened = tag;
	};
	const attribute: Sax['onattribute'] = ({ name, value }) => {
		openTag(sax.tag);
		tree.attribute(name, mayForbid ? replaceForbidden(value) : value);
		// sax calls this method of its collection of attributes
		if (name === 'hasOwnProperty') delete sax.tag.attributes[name];
	};
	// old versions of sax accept references to characters that XML does not have
	const addText: Sax['ontext'] = (content) => tree.text(mayForbid ? replaceForbidden(content) : content);
	const closeTag: Sax['onclosetag'] = () => tree.closeTag();
	// xml2js would continue after an error, and forget those after the root element
	const fail: Sax['onerror'] = (error) => {
		const [reason = ''] = error.message.slice(0, MAX_REASON_LENGTH).split(/\.?\n/);
		throw new Mm7Error('ERR_MM7_XML', { detail: `${reason}, line ${sax.line + 1}` });
	};
	// xml2js's handler would retain every element for its close handler, which we replace
	sax.onopentag = openTag;
	sax.onattribute = attribute;
	sax.ontext = addText;
	sax.oncdata = addText;
	sax.onclosetag = closeTag;
	sax.onprocessinginstruction = checkInstruction;
	sax.ondoctype = refuseDoctype;
	sax.onerror = fail;
	try {
		// without a callback, which would keep the parser from stopping at the first error
		parser.parseString(text);
	} catch (error) {
		// a new error, since Node.js lets the one that xml2js emits retain the parser with everything it has read
		const { code, detail, cause } = asMm7Error(error, 'ERR_MM7_XML');
		throw new Mm7Error(code, { detail, cause });
	}
}

/** The parser's reason may quote a long name. */
const MAX_REASON_LENGTH = 100;

/** The entities of HTML, by name. */
let entities: Readonly<Record<string, string>> | undefined;

/** A copy that inherits nothing: before version 1.6.1, sax reads `&constructor;` as the source of a function. */
function withoutPrototype(table: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
	const copy: Record<string, string> = Object.create(null);
	for (const name in table) copy[name] = table[name] as string;
	return Object.freeze(copy);
}

/** sax overlooks the end of an instruction that closes with "??>" and continues it up to the next "?>". */
function checkInstruction({ name, body }: { readonly name: string; readonly body: string }): void {
	if (body.includes('?>')) throw new Mm7Error('ERR_MM7_XML', { detail: 'an instruction ends in "??>"' });
	// XML 1.1 has different line ends and characters
	if (name === 'xml' && /(?:^|\s)version\s*=\s*["']1\.1/.test(body)) {
		throw new Mm7Error('ERR_MM7_XML', { detail: 'XML 1.1 is not supported' });
	}
}

function refuseDoctype(): never {
	throw new Mm7Error('ERR_MM7_DOCTYPE');
}
