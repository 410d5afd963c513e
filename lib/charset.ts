import { decode, encodingExists } from 'iconv-lite';

/**
 * Charset names by family, in the spelling of {@link plainName}. Senders confuse the names of a family, so its widest
 * encoding decodes them all. iconv-lite knows the other names.
 */
const FAMILIES: readonly (readonly [names: RegExp, encoding: string])[] = [
	[/^(?:utf8|cesu8|unicode11utf8$|cp65001$)/, 'utf-8'],
	// UTF-16 is recognized by its zero bytes; without them, its names mean ASCII
	[/^$|^(?:us)?ascii|^(?:ansix34|iso646(?:us|irv)|cp(?:367|646|20127)$|isoir6$|us$|binary$)/, 'ascii'],
	[/^(?:utf(?:16|32)|ucs|unicode(?:$|big|little)|iso10646|cp120[01]$)/, 'ascii'],
	[/^(?:windows)?iso2022jp|^(?:jis$|jisenc|cp5022\d$)/, 'iso-2022-jp'],
	[/^(?:gb(?:k$|2312|18030)|(?:cp)?euccn|cp(?:936|20936|51936|54936)$|iso58gb|isoir58$|chinese$)/, 'gb18030'],
	[/^(?:cn|x)?big5|^(?:ms950hk|cp950$)/, 'big5hkscs'],
	[/^(?:euckr|ksc5601(?!1992)|cp(?:949c?|970|5601|20949|51949)$|isoir149$|korean$|uhc$)/, 'cp949'],
	[/^(?:sjis$|shiftjis$|mskanji$|windows31j$|ms31j$|pck$|cp(?:932|94[23]c?)$)/, 'shiftjis'],
	[/^(?:euc(?:jp|jis|pkdfmtjap)|extendedunixcode)/, 'eucjp'],
	[/^(?:iso88591|(?:iso)?latin1|l1|cp819|cp28591|isoir100)$/, 'windows1252'],
	[/^(?:iso88599|(?:iso)?latin5|l5|cp920|cp28599|isoir148|turkish8?)$/, 'windows1254'],
	[/^(?:tis620|iso885911$|isoir166$|cp874$|thai8?$)/, 'windows874'],
];

/** Names in Java that iconv-lite lacks, each with its name there. */
const JAVA_NAMES = new Map(
	[
		'cp912 iso88592, cp913 iso88593, cp914 iso88594, cp915 iso88595, cp1089 iso88596, cp813 iso88597, cp916 iso88598',
		'suneugreek iso88597, cp921 iso885913, cp923 iso885915, latin0 iso885915, isolatin0 iso885915, isolatin9 iso885915',
		'iso885915fdis iso885915, cp5346 cp1250, cp5347 cp1251, ansi1251 cp1251, cp5348 cp1252, cp5349 cp1253, cp5350 cp1254',
		'cp5353 cp1257, pcp855 cp855, pcmultilingual850euro cp858, cpis cp861, koi8 koi8r, maccentraleurope maccenteuro',
	].flatMap((row) => row.split(', ').map((pair) => pair.split(' ') as [string, string])),
);

const ALL_BYTES = Uint8Array.from({ length: 0x100 }, (_, byte) => byte);

/** Names in use have up to 47 characters. */
const MAX_NAME_LENGTH = 64;

/**
 * The encoding of a charset name: `utf-8`, `iso-2022-jp`, `ascii` for names that say nothing about bytes beyond ASCII, or
 * a single-byte or double-byte encoding of iconv-lite. `undefined` for an unknown name, and for charsets in which ASCII
 * bytes are not ASCII.
 */
export function encodingOf(label: string): string | undefined {
	if (/^utf-?8$/i.test(label)) return 'utf-8';
	if (label.length > MAX_NAME_LENGTH) return undefined;
	const name = plainName(label);
	const candidates = [name, name.replace(/^(?:x|cs)/, '')];
	const family = FAMILIES.find(([names]) => candidates.some((candidate) => names.test(candidate)));
	return family?.[1] ?? candidates.map((candidate) => JAVA_NAMES.get(candidate) ?? candidate).find(isSingleByte);
}

/** Spells `"ISO_8859-9:1989"` and `8859_9` as `iso88599`; `x-mswin-936`, `windows-936` and `ibm936` as `cp936`. */
function plainName(label: string): string {
	return label
		.toLowerCase()
		.replace(/:\d{4}\b|[^0-9a-z]/g, '')
		.replace(/^8859(?=\d)/, 'iso8859')
		.replace(/^x?(?:mswin|ms|windows|win|ibm|ccsid|dos|cp)?0{0,2}(?=\d{3,5}c?$)/, 'cp');
}

/** Checks for an encoding of one byte per character in which exactly the ASCII bytes are ASCII. */
function isSingleByte(name: string): boolean {
	if (!encodingExists(name)) return false;
	const codes = Array.from(decode(ALL_BYTES, name), (character) => character.codePointAt(0) ?? 0);
	return codes.length === 0x100 && codes.every((code, byte) => (byte < 0x80 ? code === byte : code >= 0x80));
}

/** Decodes bytes in an encoding of {@link encodingOf}; invalid bytes become U+FFFD. */
export function decodeAs(bytes: Buffer, encoding: string): string {
	if (encoding === 'utf-8') return bytes.toString();
	return encoding === 'iso-2022-jp' ? new TextDecoder(encoding).decode(bytes) : decode(bytes, encoding);
}

/** The charset name in the XML declaration of a document, one character per byte, in a superset of ASCII. */
export function declaredCharset(raw: string): string | undefined {
	const start = raw.indexOf('<');
	const end = raw.indexOf('?>', start);
	const declaration = end === -1 ? '' : raw.slice(start, end);
	return /^<\?xml\s/.test(declaration) ? /\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(declaration)?.[1] : undefined;
}

/** Bytes after which a charset may decode ASCII as something else, by charset names. */
const SHIFTS: readonly (readonly [names: RegExp, bytes: RegExp])[] = [
	[/utf7|^cp65000$/, /\+/],
	[/^hz/, /~/],
	[/johab|^cp1361$|^ksc56011992$/, /[\x80-\xff]/],
	// biome-ignore lint/suspicious/noControlCharactersInRegex: the shifts of ISO-2022; and a `]` that is half of a character
	[/^/, /[\x0e\x1b]|[\x80-\xff]\]\]>/],
];

/** Checks whether a charset might decode markup as text, by its name and the document, one character per byte. */
export function hidesMarkup(label: string, raw: string): boolean {
	const name = plainName(label.slice(0, MAX_NAME_LENGTH));
	return SHIFTS.some(([names, bytes]) => names.test(name) && bytes.test(raw));
}
