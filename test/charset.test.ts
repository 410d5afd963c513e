import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { declaredCharset, encodingOf } from '../lib/charset.js';
import { decode } from '../lib/steps/decode.js';

/** The charsets of Java 17: their names, some bytes, and the text that Java decodes from them. */
const JAVA = readFileSync(join(__dirname, 'java-charsets.tsv'), 'utf8')
	.trimEnd()
	.split('\n')
	.map((line) => {
		const [names = '', bytes = '', text = ''] = line.split('\t');
		return { names: names.split(' '), bytes: Buffer.from(bytes, 'hex'), text };
	});
/** Charsets of Java that iconv-lite does not have, or whose ASCII bytes are not ASCII (IBM864). */
const UNKNOWN = [
	...['IBM864', 'IBM868', 'JIS_X0201', 'x-EUC-TW', 'x-IBM1006', 'x-IBM1098', 'x-IBM1381', 'x-IBM29626C', 'x-IBM33722'],
	...['x-IBM948', 'x-IBM964', 'x-ISCII91', 'x-MacArabic', 'x-MacHebrew'],
];

function contentAs(charset: string, content: Uint8Array): string {
	const bytes = Buffer.concat([Buffer.from('<a>'), content, Buffer.from('</a>')]);
	return decode({ bytes, charset }).slice('<a>'.length, -'</a>'.length);
}

describe('the charset names of Java', () => {
	for (const { names, bytes, text } of JAVA) {
		const [name = ''] = names;
		if (UNKNOWN.includes(name)) {
			it(`${name} is unknown, so that no text is decoded in the wrong alphabet`, () => {
				for (const alias of names) expect(contentAs(alias, bytes), alias).to.match(/^[\x20-\x7e\ufffd]+$/);
			});
		} else {
			it(`${names.join(', ')}: ${text}`, () => {
				for (const alias of names) expect(contentAs(alias, bytes), alias).to.equal(text);
			});
		}
	}
});

describe('encodingOf', () => {
	for (const [encoding, ...labels] of [
		['utf-8', 'utf-8', 'UTF8', 'utf_8', 'utf8mb4', 'cp65001', 'unicode-1-1-utf-8'],
		['windows1252', 'ISO-8859-1', 'Latin-1', 'latin1', 'iso88591'],
		['windows1254', 'ISO-8859-9', 'iso-8859-9', 'latin5'],
		['windows874', 'TIS-620', 'iso-8859-11', 'windows-874'],
		['cp949', 'EUC-KR', ' euc-kr ', "'euc-kr'", '"euc-kr"', 'UHC', 'ks_c_5601-1987', 'x-windows-949'],
		['gb18030', 'gbk', 'GB2312', 'gb-2312', 'x-cp20936', 'csGB2312'],
		['big5hkscs', 'x-x-big5', 'cn-big5'],
		['cp1256', 'x-windows-1256', 'x-mswin-1256', 'Cp1256', 'ms1256', 'IBM-1256', '1256'],
		['ascii', 'US-ASCII', 'ascii', 'ANSI_X3.4-1968', 'utf-16', 'UTF-16LE', 'UTF_32', 'ISO-10646-UCS-2', 'binary', "''"],
	] as const) {
		it(`is ${encoding} for ${labels.join(', ')}`, () => {
			for (const label of labels) expect(encodingOf(label), label).to.equal(encoding);
		});
	}

	it('is undefined for an unknown name, and if ASCII bytes are not ASCII', () => {
		for (const label of [
			...['utf-7', 'x-unicode-2-0-utf-7', 'hz-gb-2312', 'iso-2022-kr', 'johab', 'base64', 'cp037', 'viscii'],
			...['armscii-8', 'x-relay', 'constructor', '__proto__', 'utf-8'.padEnd(65)],
		]) {
			expect(encodingOf(label), label).to.equal(undefined);
		}
	});
});

describe('declaredCharset', () => {
	const declared = (xml: string) => declaredCharset(xml);

	it('is the encoding in the XML declaration', () => {
		expect(declared('<?xml version="1.0" encoding="GB2312"?><a/>')).to.equal('GB2312');
		expect(declared("<?xml version = '1.0' encoding\t=\n'ks_c_5601-1987' standalone='yes' ?><a/>")).to.equal(
			'ks_c_5601-1987',
		);
		expect(declared(`${'\r\n'.repeat(500)}<?xml version="1.0" encoding="utf-8"?>`)).to.equal('utf-8');
		expect(declared(`<?xml version="encoding"${' '.repeat(3000)}encoding="gbk"?>`)).to.equal('gbk');
	});

	it('is undefined without a complete XML declaration', () => {
		for (const xml of [
			'',
			'<a encoding="utf-8"?>',
			'<a/><?xml encoding="utf-8"?>',
			'<?xml-stylesheet encoding="gbk"?><a/>',
			'<?xml version="1.0"?><a encoding="utf-8"/>',
			'<?xml version="1.0" encoding="utf-8"',
			'<?xml version="1.0" encoding=""?>',
			'<?xml version="1.0" encoding="a b"?>',
		]) {
			expect(declared(xml), xml).to.equal(undefined);
		}
	});
});
