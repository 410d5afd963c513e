/** How many bytes of a document, blanks before it not counted, may hold its XML declaration. */
const DECLARATION_BYTES = 256;

/** Names that senders use (those of Java and of Windows mostly) beyond the ones that TextDecoder knows. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
	utf_8: 'utf-8',
	'latin-1': 'iso-8859-1',
	iso8859_1: 'iso-8859-1',
	cp949: 'euc-kr',
	ms949: 'euc-kr',
	'x-windows-949': 'euc-kr',
	uhc: 'euc-kr',
	euc_kr: 'euc-kr',
	cp936: 'gbk',
	ms936: 'gbk',
	cp932: 'shift_jis',
	euc_jp: 'euc-jp',
	eucjp: 'euc-jp',
	cp950: 'big5',
	ms950: 'big5',
	cp874: 'windows-874',
};

/**
 * The encoding that a charset label means, by the name that TextDecoder gives it.
 *
 * @returns `undefined` for a label that is not known, and for US-ASCII: TextDecoder takes it for windows-1252, but
 * whoever says ASCII says nothing of the other bytes
 */
export function encodingOf(label: string | undefined): string | undefined {
	const name = label
		?.trim()
		.replace(/^(['"])(.*)\1$/, '$2')
		.toLowerCase();
	if (!name || name === 'us-ascii' || name === 'ascii') return undefined;
	try {
		return new TextDecoder(Object.hasOwn(OTHER_NAMES, name) ? OTHER_NAMES[name] : name).encoding;
	} catch {
		return undefined;
	}
}

/** The label in the XML declaration of a document whose bytes are a superset of ASCII. */
export function declaredCharset(bytes: Buffer): string | undefined {
	const start = bytes.indexOf('<');
	const head = bytes.toString('latin1', start, start + DECLARATION_BYTES);
	const end = head.indexOf('?>');
	if (start === -1 || end === -1 || !head.startsWith('<?xml')) return undefined;
	const declaration = head.slice(0, end);
	const name = declaration.indexOf('encoding');
	if (name === -1) return undefined;
	return /^encoding\s*=\s*["']([\w.:-]+)["']/.exec(declaration.slice(name))?.[1];
}
