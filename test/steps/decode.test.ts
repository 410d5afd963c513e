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
	return /<a>([\s\S]*)<\/a>/.exec(decode({ bytes, charset }))?.[1];
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
	/** Decodes a document, given the charset parameter and the XML declaration; `undefined` omits either. */
	type Case = readonly [charset: string | undefined, declared: string | undefined, encoding: string, text: string];

	const cases = (title: string, all: readonly Case[]) => {
		it(title, () => {
			for (const [charset, declared, encoding, text] of all) {
				const name = `${encoding} as ${charset}, ${declared}`;
				expect(content(document(text, encoding, declared), charset), name).to.equal(text);
			}
		});
	};

	describe('reads', () => {
		const texts: [encoding: string, text: string][] = [
			['utf-8', `${GERMAN} ${CHINESE} 😀 \ufffd`],
			['iso-8859-1', GERMAN],
			['windows-1252', '„Guthaben“ unter 5 € – Žižek ™'],
			['gb2312', CHINESE],
			['gbk', '賬戶 用户'],
			['gb18030', '用户 😀'],
			['big5', '用戶拒收'],
			['euc-kr', KOREAN],
			['shift_jis', JAPANESE],
			['euc-jp', JAPANESE],
			['tis620', 'สำเร็จ'],
			['koi8-r', 'доставлено'],
			['windows-1251', 'щука'],
		];
		cases(
			'an encoding declared outside or inside',
			texts.flatMap(([encoding, text]): Case[] => [
				[encoding, undefined, encoding, text],
				[undefined, encoding, encoding, text],
			]),
		);

		cases('the charset parameter before the XML declaration', [
			['iso-8859-1', 'windows-1251', 'iso-8859-1', 'é'],
			['windows-1251', 'iso-8859-1', 'windows-1251', 'щ'],
		]);

		cases('UTF-8 if nothing is declared, or else windows-1252', [
			[undefined, undefined, 'utf-8', CHINESE],
			[undefined, undefined, 'utf-8', '\ufffd'],
			[undefined, undefined, 'windows-1252', '„5 €“ – Gerät'],
		]);

		it('ISO-2022-JP, whose bytes are all ASCII', () => {
			expect(content(Buffer.from('<a>\x1b$BF|K\\8l\x1b(B</a>', 'latin1'), 'iso-2022-jp')).to.equal('日本語');
		});

		cases('charset names in any case, in quotes, and in the spelling of Java and Windows', [
			...['EUC-KR', ' euc-kr ', "'euc-kr'", '"euc-kr"', 'MS949', 'cp949', 'EUC_KR', 'ks_c_5601-1987'].map(
				(name): Case => [name, undefined, 'euc-kr', KOREAN],
			),
			['CP936', undefined, 'gbk', CHINESE],
			['Cp932', undefined, 'shift_jis', JAPANESE],
			['ISO8859_1', undefined, 'iso-8859-1', GERMAN],
		]);

		it('an XML declaration after many blank lines, in apostrophes, with blanks around the =', () => {
			const declaration = `${'\r\n'.repeat(200)}<?xml version = '1.0' encoding = 'gb2312' standalone='yes' ?>`;
			expect(content(encode(`${declaration}<a>${CHINESE}</a>`, 'gb2312'))).to.equal(CHINESE);
		});

		it('UTF-8 and UTF-16 by the byte order mark, whatever the declaration', () => {
			const marked = Buffer.concat([Buffer.from('\ufeff'), document(GERMAN, 'utf-8', 'iso-8859-1')]);
			expect(content(marked, 'euc-kr')).to.equal(GERMAN);
			for (const charset of ['euc-kr', 'cp866', 'tis-620']) {
				expect(content(Buffer.from('\ufeff<a>там</a>'), charset), charset).to.equal('там');
			}
			for (const encoding of ['utf-16le', 'utf-16be']) {
				expect(content(encode(`<a>${CHINESE}</a>`, encoding, { addBOM: true }), 'utf-8')).to.equal(CHINESE);
			}
		});

		it('neither UTF-8 nor UTF-16 after an incomplete byte order mark', () => {
			for (const byte of [0xfe, 0xff, 0xef]) {
				expect(content(Buffer.concat([Buffer.of(byte), document('é', 'iso-8859-1')])), `${byte}`).to.equal('é');
			}
			const cut = Buffer.concat([Buffer.of(0xef, 0xbb), document('там', 'cp866')]);
			expect(content(cut, 'cp866')).to.equal('там');
		});

		it('UTF-16 without a byte order mark by its zero bytes, even after blanks', () => {
			for (const encoding of ['utf-16le', 'utf-16be']) {
				expect(content(document(CHINESE, encoding, 'utf-8'), 'utf-8')).to.equal(CHINESE);
				expect(content(encode(`\r\n<a>${CHINESE}</a>`, encoding))).to.equal(CHINESE);
			}
		});
	});

	describe('ignores a declaration that the bytes contradict:', () => {
		cases('utf-16 over UTF-8', [
			[undefined, 'utf-16', 'utf-8', GERMAN],
			['utf-16', 'utf-16', 'utf-8', GERMAN],
			[undefined, 'utf-16le', 'utf-8', 'plain'],
		]);

		it('a double-byte charset over UTF-8, although the bytes are valid in it', () => {
			const bytes = document(CHINESE, 'utf-8', 'GB2312');
			expect(new TextDecoder('gbk', { fatal: true }).decode(bytes)).to.not.include(CHINESE);
			for (const charset of [undefined, 'gb2312', 'utf-8']) expect(content(bytes, charset)).to.equal(CHINESE);
			expect(content(document('हह', 'utf-8'), 'gbk')).to.equal('हह');
		});

		cases('a single-byte charset over UTF-8, such as the default of HTTP libraries', [
			['ISO-8859-1', 'utf-8', 'utf-8', GERMAN],
			...['windows-1252', 'ISO8859_9', 'windows-1251', 'koi8-r', 'iso-8859-7', 'Cp850'].map(
				(charset): Case => [charset, undefined, 'utf-8', GERMAN],
			),
		]);

		cases('utf-8 over another charset, which the other declaration names', [
			['utf-8', 'GB2312', 'gb2312', CHINESE],
			['euc-kr', 'utf-8', 'euc-kr', KOREAN],
			['utf-8', 'utf-8', 'iso-8859-1', GERMAN],
		]);

		it('a UTF-8 byte order mark before another charset', () => {
			const marked = Buffer.concat([Buffer.from('\ufeff'), document(CHINESE, 'gb2312', 'GB2312')]);
			expect(content(marked)).to.equal(CHINESE);
		});

		cases('us-ascii, and unknown names', [
			['us-ascii', undefined, 'utf-8', GERMAN],
			['us-ascii', undefined, 'windows-1252', GERMAN],
			['constructor', 'x-relay', 'utf-8', GERMAN],
			['windows-1251', 'x-relay', 'windows-1251', 'щ'],
			['x-relay', 'windows-1251', 'windows-1251', 'щ'],
		]);
	});

	cases('keeps a short word that is valid UTF-8 by chance', [
		['tis-620', undefined, 'tis620', 'เขต'],
		['IBM866', undefined, 'cp866', 'там'],
		['gbk', undefined, 'gbk', '茅'],
		['gbk', undefined, 'utf-8', 'ह'],
	]);

	it('replaces non-ASCII bytes with U+FFFD if the charset is unknown and they are not UTF-8', () => {
		for (const name of ['x-relay', 'constructor', 'base64']) {
			expect(content(document(`${GERMAN} +1`, 'utf-8'), name), name).to.equal(`${GERMAN} +1`);
			expect(content(document('é 1', 'windows-1252'), name), name).to.equal('\ufffd 1');
			expect(content(document('щ 1', 'windows-1251', name)), name).to.equal('\ufffd 1');
		}
	});

	it('chooses the least damaged reading, and rejects one that is mostly damaged', () => {
		const cut = (text: string, encoding: string) =>
			Buffer.concat([Buffer.from('<a>'), encode(text, encoding).subarray(0, -1), Buffer.from('</a>')]);
		for (const [text, encoding] of [
			[KOREAN, 'euc-kr'],
			[CHINESE, 'gb2312'],
			[CHINESE, 'utf-8'],
			['漢字漢', 'utf-8'],
			[JAPANESE, 'shift_jis'],
		] as const) {
			expect(content(cut(text, encoding), encoding), encoding).to.equal(`${text.slice(0, -1)}\ufffd`);
		}
		const labeled = Buffer.concat([Buffer.from('<?xml encoding="shift_jis"?>'), cut(JAPANESE, 'shift_jis')]);
		for (const charset of ['euc-jp', 'utf-8']) {
			expect(content(labeled, charset), charset).to.equal(`${JAPANESE.slice(0, -1)}\ufffd`);
		}
		expect(content(document('é – ü', 'windows-1252'), 'euc-kr')).to.equal('é – ü');
		expect(content(Buffer.from('<a>\xc3\xa9\xe9</a>', 'latin1'))).to.equal('Ã©é');
	});

	it('replaces characters that XML does not allow with U+FFFD, in any charset', () => {
		for (const encoding of ['utf-8', 'utf-16le', 'utf-16be', 'windows-1252', 'gbk']) {
			const bytes = document('\0a\x1b[31m\x07é\t\r\n', encoding);
			expect(content(bytes, encoding), encoding).to.equal('\ufffda\ufffd[31m\ufffdé\t\r\n');
		}
		expect(content(encode('<a>\ud800\ufffe\uffff\u0085</a>', 'utf-16le'))).to.equal('\ufffd\ufffd\ufffd\u0085');
	});

	describe('rejects a document whose markup depends on the charset:', () => {
		/** In UTF-8 the first CDATA section ends before <c/>, in GBK after <b>. */
		const twoWays = '<b><![CDATA[你]]><c/><![CDATA[<b>]]></b>';
		const codeOf = (content: string, declared: string, charset?: string, encoding: BufferEncoding = 'utf8') => {
			const bytes = Buffer.from(`<?xml version="1.0" encoding="${declared}"?><a>${content}</a>`, encoding);
			try {
				decode({ bytes, charset });
				return undefined;
			} catch (error) {
				return (error as { code?: string }).code;
			}
		};

		it('if a ] may be half of a character', () => {
			for (const charset of ['GBK', 'gb2312', 'gb18030', 'x-mswin-936']) {
				expect(codeOf(twoWays, charset), charset).to.equal('ERR_MM7_XML');
				expect(codeOf(twoWays, 'utf-8', charset), charset).to.equal('ERR_MM7_XML');
				expect(codeOf(twoWays, charset, 'utf-8'), charset).to.equal('ERR_MM7_XML');
				expect(codeOf(`\ufeff${twoWays}`, charset, 'utf-8'), charset).to.equal('ERR_MM7_XML');
			}
		});

		it('if two charsets hide equally many ]]>, but different ones', () => {
			const sections = '<![CDATA[\xe4\xbd\xa0]]><c/><![CDATA[ \xe0]]><![CDATA[]]>';
			expect(codeOf(sections, 'shift_jis', 'gbk', 'latin1')).to.equal('ERR_MM7_XML');
		});

		it('if a ] is in an unknown charset', () => {
			expect(codeOf('<b><![CDATA[你]]></b>', 'x-relay')).to.equal('ERR_MM7_XML');
			expect(codeOf('<b><![CDATA[你 ]]></b>', 'x-relay')).to.equal(undefined);
		});

		it('but not if the other reading is not well-formed, because its CDATA never ends', () => {
			expect(codeOf('<b><![CDATA[你]]></b>', 'GBK')).to.equal(undefined);
			expect(codeOf(`<b>${'\n'.repeat(12)}<![CDATA[你]]></b><c><![CDATA[]]></c>`, 'GBK')).to.equal(undefined);
			expect(codeOf('<b><![CDATA[你好]]></b>', 'GBK')).to.equal(undefined);
			expect(codeOf(twoWays, 'utf-8', 'windows-1252')).to.equal(undefined);
		});

		it('even if only this parser rejects the other reading', () => {
			for (const markup of ['<?a ??><?b ?>', `<${'c'.repeat(1025)}/>`]) {
				const sections = `<![CDATA[\xe4]]>${markup}<![CDATA[<b>]]>`;
				expect(codeOf(sections, 'utf-8', 'gbk', 'latin1'), markup).to.equal('ERR_MM7_XML');
			}
		});

		it('if it contains shifts of a charset that is unsupported or not used', () => {
			for (const [charset, shifted] of [
				['utf-7', '+ADw-b/+AD4-'],
				['x-unicode-2-0-utf-7', '+ADw-'],
				['hz-gb-2312', '~{<:Ky2;~}'],
				['iso-2022-kr', '\x1b$)C\x0e<:\x0f'],
				['iso-2022-cn', '\x1b$)A\x0e<:\x0f'],
				['iso-2022-jp-2', '\x1b$A<:\x1b(B'],
				['x-johab', 'é'],
			] as const) {
				expect(codeOf(shifted, charset), charset).to.equal('ERR_MM7_XML');
				expect(codeOf(shifted, 'utf-8', charset), charset).to.equal('ERR_MM7_XML');
				expect(codeOf('plain', charset), charset).to.equal(undefined);
			}
			expect(codeOf('\x1b$B<8\x1b(B', 'iso-2022-jp')).to.equal(undefined);
			expect(codeOf('\x1b$B<8\x1b(B', 'iso-2022-jp', 'utf-8')).to.equal('ERR_MM7_XML');
		});

		it('with the charset and the TransactionID in the error', () => {
			const id = '<TransactionID>1</TransactionID>';
			const bytes = Buffer.from(`<a>${id}${twoWays}</a>`);
			expect(() => decode({ bytes, charset: 'gbk' }))
				.to.throw("in the charset 'gbk' its markup would be different")
				.with.property('transactionId', '1');
		});
	});

	it('never returns different elements than an XML parser that uses one of the declarations', () => {
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
					ours = oracleReading(decode({ bytes, charset }));
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

	it('throws only ERR_MM7_XML, whatever the bytes and the label', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 64 }), fc.option(fc.string(), { nil: undefined }), (bytes, label) => {
				try {
					expect(decode({ bytes: Buffer.from(bytes), charset: label })).to.be.a('string');
				} catch (error) {
					expect((error as { code?: string }).code).to.equal('ERR_MM7_XML');
				}
			}),
			{ numRuns: 500 },
		);
	});

	it('reads back any text written as UTF-8 or UTF-16', () => {
		const text = fc
			.string({ unit: 'binary', maxLength: 32 })
			.filter((value) => !value.includes('<') && replaceForbidden(value) === value);
		const label = fc.constantFrom(undefined, 'utf-8', 'utf-16', 'iso-8859-1', 'gb2312', 'euc-kr', 'us-ascii');
		fc.assert(
			fc.property(text, label, (value, charset) => {
				// a few letters of two bytes each are valid in double-byte charsets too
				fc.pre(charset === undefined || !/[\u0080-\u07ff]/.test(value));
				expect(content(document(value, 'utf-8'), charset)).to.equal(value);
				expect(content(document(value, 'utf-16le'), charset)).to.equal(value);
				expect(content(document(value, 'utf-16be'), charset)).to.equal(value);
			}),
			{ numRuns: 300 },
		);
	});
});
