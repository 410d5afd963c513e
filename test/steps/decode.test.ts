import { expect } from 'chai';
import fc from 'fast-check';
import { encode } from 'iconv-lite';
import { decode } from '../../lib/steps/decode.js';

/** An XML document in some encoding, with a declaration if one is given. */
function document(text: string, encoding: string, declared?: string): Buffer {
	const declaration = declared === undefined ? '' : `<?xml version="1.0" encoding="${declared}"?>`;
	return encode(`${declaration}<a>${text}</a>`, encoding);
}

function content(bytes: Buffer, charset?: string): string | undefined {
	return /<a>([\s\S]*)<\/a>/.exec(decode({ bytes, charset: () => charset }))?.[1];
}

const KOREAN = '전송 완료';
const CHINESE = '用户拒收';
const JAPANESE = '表示できません';
const GERMAN = 'Gerät größer';

describe('decode', () => {
	describe('believes, in this order,', () => {
		it('the byte order mark before everything', () => {
			const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), document(GERMAN, 'utf-8', 'iso-8859-1')]);
			expect(content(marked, 'euc-kr')).to.equal(GERMAN);
			for (const encoding of ['utf-16le', 'utf-16be']) {
				expect(content(encode(`<a>${CHINESE}</a>`, encoding, { addBOM: true }), 'utf-8')).to.equal(CHINESE);
			}
		});

		it('the shape of UTF-16 without a mark, also behind a blank', () => {
			for (const encoding of ['utf-16le', 'utf-16be']) {
				expect(content(document(CHINESE, encoding, 'utf-8'), 'utf-8')).to.equal(CHINESE);
				expect(content(encode(`\r\n<a>${CHINESE}</a>`, encoding))).to.equal(CHINESE);
			}
		});

		it('the charset parameter before the XML declaration', () => {
			expect(content(document('é', 'iso-8859-1', 'windows-1251'), 'iso-8859-1')).to.equal('é');
			expect(content(document('щ', 'windows-1251', 'iso-8859-1'), 'windows-1251')).to.equal('щ');
		});

		it('the XML declaration before UTF-8', () => {
			expect(content(document('щука', 'windows-1251', 'windows-1251'))).to.equal('щука');
			expect(content(document(KOREAN, 'euc-kr', 'euc-kr'))).to.equal(KOREAN);
		});

		it('UTF-8 where nothing is declared, and windows-1252 where it is none', () => {
			expect(content(document(CHINESE, 'utf-8'))).to.equal(CHINESE);
			expect(content(document('„5 €“ – Gerät', 'windows-1252'))).to.equal('„5 €“ – Gerät');
		});
	});

	describe('reads', () => {
		const texts: [encoding: string, text: string][] = [
			['utf-8', `${GERMAN} ${CHINESE} 😀`],
			['iso-8859-1', GERMAN],
			['windows-1252', '„Guthaben“ unter 5 € – Žižek ™'],
			['gb2312', CHINESE],
			['gbk', '賬戶 用户'],
			['gb18030', '用户 😀'],
			['big5', '用戶拒收'],
			['euc-kr', KOREAN],
			['shift_jis', JAPANESE],
			['euc-jp', JAPANESE],
			['tis-620', 'สำเร็จ'],
			['koi8-r', 'доставлено'],
		];
		for (const [encoding, text] of texts) {
			it(`${encoding}, declared outside or inside`, () => {
				expect(content(document(text, encoding.replace('-620', '620')), encoding)).to.equal(text);
				expect(content(document(text, encoding.replace('-620', '620'), encoding))).to.equal(text);
			});
		}

		it('ISO-2022-JP, whose bytes are all ASCII', () => {
			expect(content(Buffer.from('<a>\x1b$BF|K\\8l\x1b(B</a>', 'latin1'), 'iso-2022-jp')).to.equal('日本語');
		});

		it('the names of charsets in any case, in quotes, as Java and Windows call them', () => {
			for (const name of ['EUC-KR', ' euc-kr ', "'euc-kr'", '"euc-kr"', 'MS949', 'cp949', 'EUC_KR', 'ks_c_5601-1987']) {
				expect(content(document(KOREAN, 'euc-kr'), name), name).to.equal(KOREAN);
			}
			expect(content(document(CHINESE, 'gbk'), 'CP936')).to.equal(CHINESE);
			expect(content(document(JAPANESE, 'shift_jis'), 'Cp932')).to.equal(JAPANESE);
			expect(content(document(GERMAN, 'iso-8859-1'), 'ISO8859_1')).to.equal(GERMAN);
		});

		it('an XML declaration behind many blank lines, in apostrophes, with blanks round the =', () => {
			const declaration = `${'\r\n'.repeat(200)}<?xml version = '1.0' encoding = 'gb2312' standalone='yes' ?>`;
			expect(content(encode(`${declaration}<a>${CHINESE}</a>`, 'gb2312'))).to.equal(CHINESE);
		});
	});

	describe('drops a declaration that the bytes contradict:', () => {
		it('utf-16 over UTF-8, inside and outside', () => {
			expect(content(document(GERMAN, 'utf-8', 'utf-16'))).to.equal(GERMAN);
			expect(content(document(GERMAN, 'utf-8', 'utf-16'), 'utf-16')).to.equal(GERMAN);
			expect(content(document('plain', 'utf-8', 'utf-16le'))).to.equal('plain');
		});

		it('GB2312 inside, utf-8 outside, over UTF-8', () => {
			expect(content(document(CHINESE, 'utf-8', 'GB2312'), 'utf-8')).to.equal(CHINESE);
		});

		it('a charset of double bytes over UTF-8, although the bytes can be read in it', () => {
			const bytes = document(CHINESE, 'utf-8', 'GB2312');
			expect(new TextDecoder('gbk', { fatal: true }).decode(bytes)).to.not.include(CHINESE);
			expect(content(bytes)).to.equal(CHINESE);
			expect(content(bytes, 'gb2312')).to.equal(CHINESE);
		});

		it('ISO-8859-1 over UTF-8: the default of HTTP libraries', () => {
			expect(content(document(GERMAN, 'utf-8', 'utf-8'), 'ISO-8859-1')).to.equal(GERMAN);
			expect(content(document('é', 'utf-8'), 'windows-1252')).to.equal('é');
		});

		it('utf-8 over something else, for what the other declaration says', () => {
			expect(content(document(CHINESE, 'gb2312', 'GB2312'), 'utf-8')).to.equal(CHINESE);
			expect(content(document(KOREAN, 'euc-kr', 'utf-8'), 'euc-kr')).to.equal(KOREAN);
			expect(content(document(GERMAN, 'iso-8859-1', 'utf-8'), 'utf-8')).to.equal(GERMAN);
		});

		it('us-ascii, and names that nobody knows', () => {
			expect(content(document(GERMAN, 'utf-8'), 'us-ascii')).to.equal(GERMAN);
			expect(content(document(GERMAN, 'utf-8', 'x-relay'), 'constructor')).to.equal(GERMAN);
		});
	});

	it('keeps a short Thai word that would be valid UTF-8 by chance', () => {
		expect(content(document('เขต', 'tis620'), 'tis-620')).to.equal('เขต');
	});

	it('loses only the character that a sender has cut in two', () => {
		for (const [text, encoding] of [
			[KOREAN, 'euc-kr'],
			[CHINESE, 'gb2312'],
			[CHINESE, 'utf-8'],
			[JAPANESE, 'shift_jis'],
		] as const) {
			const cut = encode(text, encoding).subarray(0, -1);
			const bytes = Buffer.concat([Buffer.from('<a>'), cut, Buffer.from('</a>')]);
			expect(content(bytes, encoding), encoding).to.equal(`${text.slice(0, -1)}\ufffd`);
		}
	});

	it('never fails, whatever the bytes and the label', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), fc.option(fc.string(), { nil: undefined }), (bytes, label) => {
				expect(decode({ bytes: Buffer.from(bytes), charset: () => label })).to.be.a('string');
			}),
			{ numRuns: 500 },
		);
	});

	it('reads back any text that was written as UTF-8 or UTF-16', () => {
		const text = fc.string({ unit: 'binary', maxLength: 32 }).filter((value) => !value.includes('<'));
		const label = fc.constantFrom(undefined, 'utf-8', 'utf-16', 'iso-8859-1', 'gb2312', 'euc-kr', 'us-ascii');
		fc.assert(
			fc.property(text, label, (value, charset) => {
				// in two bytes each, a few letters are valid in charsets of double bytes too
				fc.pre(charset === undefined || !/[\u0080-\u07ff]/.test(value));
				expect(content(document(value, 'utf-8'), charset)).to.equal(value);
				expect(content(document(value, 'utf-16le'), charset)).to.equal(value);
				expect(content(document(value, 'utf-16be'), charset)).to.equal(value);
			}),
			{ numRuns: 300 },
		);
	});
});
