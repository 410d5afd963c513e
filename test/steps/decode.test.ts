import { expect } from 'chai';
import fc from 'fast-check';
import { decode as decodeByIconv, encode } from 'iconv-lite';
import { decode } from '../../lib/steps/decode.js';
import { replaceForbidden } from '../../lib/xml/escape.js';
import { oracleReading, type Reading, type Tree } from '../support/xml-oracle.js';

/** An XML document in some encoding, with a declaration if one is given. */
function document(text: string, encoding: string, declared?: string): Buffer {
	const declaration = declared === undefined ? '' : `<?xml version="1.0" encoding="${declared}"?>`;
	return encode(`${declaration}<a>${text}</a>`, encoding);
}

function content(bytes: Buffer, charset?: string): string | undefined {
	return /<a>([\s\S]*)<\/a>/.exec(decode({ bytes, charset: () => charset }))?.[1];
}

function elementsOf({ name, children }: Tree): unknown[] {
	return [name, ...children.map(elementsOf)];
}

/** Text as its UTF-8 bytes, one character each. */
function latin1(text: string): string {
	return Buffer.from(text).toString('latin1');
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
			expect(content(Buffer.from('\ufeff<a>é</a>'), 'euc-kr')).to.equal('é');
			for (const encoding of ['utf-16le', 'utf-16be']) {
				expect(content(encode(`<a>${CHINESE}</a>`, encoding, { addBOM: true }), 'utf-8')).to.equal(CHINESE);
			}
		});

		it('no half of a mark', () => {
			for (const byte of [0xfe, 0xff, 0xef]) {
				expect(content(Buffer.concat([Buffer.of(byte), document('é', 'iso-8859-1')])), `${byte}`).to.equal('é');
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

		it('UTF-8 by its mark, over something else', () => {
			const marked = Buffer.concat([Buffer.from('\ufeff'), document(CHINESE, 'gb2312', 'GB2312')]);
			expect(content(marked)).to.equal(CHINESE);
		});

		it('any other charset of single bytes over UTF-8', () => {
			for (const charset of ['ISO8859_9', 'windows-1251', 'koi8-r', 'iso-8859-7', 'Cp850']) {
				expect(content(document(GERMAN, 'utf-8'), charset), charset).to.equal(GERMAN);
			}
		});

		it('us-ascii, and names that nobody knows', () => {
			expect(content(document(GERMAN, 'utf-8'), 'us-ascii')).to.equal(GERMAN);
			expect(content(document(GERMAN, 'utf-8', 'x-relay'), 'constructor')).to.equal(GERMAN);
		});
	});

	it('keeps a short word that would be valid UTF-8 by chance', () => {
		expect(content(document('เขต', 'tis620'), 'tis-620')).to.equal('เขต');
		expect(content(document('там', 'cp866'), 'IBM866')).to.equal('там');
		expect(content(document('茅', 'gbk'), 'gbk')).to.equal('茅');
		expect(content(document('ह', 'utf-8'), 'gbk')).to.equal('ह');
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

	it('gives the least damaged reading, and none that is mostly damage', () => {
		const cut = Buffer.concat([Buffer.from('<a>'), encode(JAPANESE, 'shift_jis').subarray(0, -1), Buffer.from('</a>')]);
		const expected = `${JAPANESE.slice(0, -1)}\ufffd`;
		expect(content(cut, 'shift_jis')).to.equal(expected);
		const labeled = Buffer.concat([Buffer.from('<?xml encoding="shift_jis"?>'), cut]);
		for (const charset of ['euc-jp', 'utf-8']) expect(content(labeled, charset), charset).to.equal(expected);
		expect(content(document('é – ü', 'windows-1252'), 'euc-kr')).to.equal('é – ü');
	});

	it('puts U+FFFD for characters that XML cannot hold, in any charset', () => {
		for (const encoding of ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'gbk']) {
			expect(content(document('\0a\x1b[31m\x07é\t\r\n', encoding), encoding), encoding).to.equal(
				'\ufffda\ufffd[31m\ufffdé\t\r\n',
			);
		}
		expect(content(encode('<a>\ud800\ufffe\uffff\u0085</a>', 'utf-16le'))).to.equal('\ufffd\ufffd\ufffd\u0085');
	});

	describe('where a name is unknown', () => {
		it('reads UTF-8, and U+FFFD for other bytes beyond ASCII', () => {
			for (const name of ['x-relay', 'constructor', 'base64']) {
				expect(content(document(`${GERMAN} +1`, 'utf-8'), name), name).to.equal(`${GERMAN} +1`);
				expect(content(document('é 1', 'windows-1252'), name), name).to.equal('\ufffd 1');
				expect(content(document('щ 1', 'windows-1251', name)), name).to.equal('\ufffd 1');
			}
		});

		it('believes the other declaration', () => {
			expect(content(document('щ', 'windows-1251', 'x-relay'), 'windows-1251')).to.equal('щ');
			expect(content(document('щ', 'windows-1251', 'windows-1251'), 'x-relay')).to.equal('щ');
		});
	});

	describe('refuses a document whose markup depends on the charset:', () => {
		/** In UTF-8 the first CDATA section ends before <c/>, in GBK after <b>. */
		const twoWays = '<b><![CDATA[你]]><c/><![CDATA[<b>]]></b>';
		const refusal = (content: string | Buffer, declared: string, charset?: string) => {
			const declaration = `<?xml version="1.0" encoding="${declared}"?>`;
			const bytes = Buffer.concat([
				Buffer.from(`${declaration}<a>`),
				Buffer.from(content as string),
				Buffer.from('</a>'),
			]);
			try {
				decode({ bytes, charset: () => charset });
				return undefined;
			} catch (error) {
				return (error as { code?: string }).code;
			}
		};

		it('a ] that is half of a character', () => {
			for (const charset of ['GBK', 'gb2312', 'gb18030', 'x-mswin-936']) {
				expect(refusal(twoWays, charset), charset).to.equal('ERR_MM7_XML');
				expect(refusal(twoWays, 'utf-8', charset), charset).to.equal('ERR_MM7_XML');
				expect(refusal(twoWays, charset, 'utf-8'), charset).to.equal('ERR_MM7_XML');
				expect(refusal(`\ufeff${twoWays}`, charset, 'utf-8'), charset).to.equal('ERR_MM7_XML');
			}
		});

		it('two of them that hide as many ]]> each, but not the same', () => {
			const sections = '<![CDATA[\xe4\xbd\xa0]]><c/><![CDATA[ \xe0]]>';
			const bytes = Buffer.from(`<?xml version="1.0" encoding="shift_jis"?><a>${sections}<![CDATA[]]></a>`, 'latin1');
			expect(() => decode({ bytes, charset: () => 'gbk' })).to.throw('its markup would be different');
		});

		it('but not where there is no other reading, since its CDATA never ends', () => {
			expect(refusal('<b><![CDATA[你]]></b>', 'GBK')).to.equal(undefined);
			expect(refusal('<b><![CDATA[你]]></b><c><![CDATA[]]></c>', 'GBK')).to.equal(undefined);
			expect(refusal('<b><![CDATA[你好]]></b>', 'GBK')).to.equal(undefined);
			expect(refusal(twoWays, 'utf-8', 'windows-1252')).to.equal(undefined);
		});

		it('a ] in a charset that is unknown', () => {
			expect(refusal('<b><![CDATA[你]]></b>', 'x-relay')).to.equal('ERR_MM7_XML');
			expect(refusal('<b><![CDATA[你 ]]></b>', 'x-relay')).to.equal(undefined);
		});

		it('shifts of a charset that is not supported, or not believed', () => {
			for (const [charset, shifted] of [
				['utf-7', '+ADw-b/+AD4-'],
				['x-unicode-2-0-utf-7', '+ADw-'],
				['hz-gb-2312', '~{<:Ky2;~}'],
				['iso-2022-kr', '\x1b$)C\x0e<:\x0f'],
				['iso-2022-cn', '\x1b$)A\x0e<:\x0f'],
				['iso-2022-jp-2', '\x1b$A<:\x1b(B'],
				['x-johab', 'é'],
			] as const) {
				expect(refusal(shifted, charset), charset).to.equal('ERR_MM7_XML');
				expect(refusal(shifted, 'utf-8', charset), charset).to.equal('ERR_MM7_XML');
				expect(refusal('plain', charset), charset).to.equal(undefined);
			}
			expect(refusal('\x1b$B<8\x1b(B', 'iso-2022-jp')).to.equal(undefined);
			expect(refusal('\x1b$B<8\x1b(B', 'iso-2022-jp', 'utf-8')).to.equal('ERR_MM7_XML');
		});

		it('and names the charset and the TransactionID', () => {
			const id = '<TransactionID>1</TransactionID>';
			const bytes = Buffer.from(`<a>${id}${twoWays}</a>`);
			expect(() => decode({ bytes, charset: () => 'gbk' }))
				.to.throw('in the charset "gbk" its markup would be different')
				.with.property('transactionId', '1');
		});
	});

	it('never gives other elements than an XML parser that believes any of the declarations', () => {
		const charsets = ['gbk', 'big5', 'shift_jis', 'euc-kr', 'euc-jp', 'windows-1251', 'tis-620', 'utf-8'];
		const raw = fc.uint8Array({ min: 0x80, maxLength: 3 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
		const content = fc.oneof(fc.constantFrom('', 'a', ']', '你', '好好', 'é', '\u{20000}').map(latin1), raw);
		const section = content.map((characters) => `<![CDATA[${characters}]]>`);
		const pieces = fc.array(fc.oneof(section, section, fc.constantFrom('<c/>', ']]>'), content), { maxLength: 6 });
		let read = 0;
		fc.assert(
			fc.property(pieces, fc.constantFrom(...charsets), fc.constantFrom(...charsets), (parts, declared, charset) => {
				const xml = `<?xml version="1.0" encoding="${declared}"?><a>${parts.join('')}</a>`;
				const bytes = Buffer.from(xml, 'latin1');
				let ours: Reading;
				try {
					ours = oracleReading(decode({ bytes, charset: () => charset }));
				} catch {
					return;
				}
				if ('refusal' in ours) return;
				for (const encoding of [declared, charset]) {
					const other = oracleReading(decodeByIconv(bytes, encoding));
					if ('refusal' in other) continue;
					read++;
					expect(elementsOf(other.tree)).to.deep.equal(elementsOf(ours.tree));
				}
			}),
			{ numRuns: 5000 },
		);
		expect(read).to.be.above(500);
	});

	it('never fails but with ERR_MM7_XML, whatever the bytes and the label', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), fc.option(fc.string(), { nil: undefined }), (bytes, label) => {
				try {
					expect(decode({ bytes: Buffer.from(bytes), charset: () => label })).to.be.a('string');
				} catch (error) {
					expect((error as { code?: string }).code).to.equal('ERR_MM7_XML');
				}
			}),
			{ numRuns: 500 },
		);
	});

	it('reads back any text that was written as UTF-8 or UTF-16', () => {
		const text = fc
			.string({ unit: 'binary', maxLength: 32 })
			.filter((value) => !value.includes('<') && replaceForbidden(value) === value);
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
