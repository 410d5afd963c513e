import { expect } from 'chai';
import { declaredCharset, encodingOf } from '../../lib/charset/names.js';

describe('encodingOf', () => {
	for (const [encoding, ...labels] of [
		['utf-8', 'utf-8', 'UTF8', 'utf_8'],
		['windows-1252', 'windows-1252', 'ISO-8859-1', 'Latin-1', 'ISO8859_1'],
		['euc-kr', 'EUC-KR', ' euc-kr ', "'euc-kr'", '"euc-kr"', 'MS949', 'cp949', 'x-windows-949', 'UHC', 'EUC_KR'],
		['euc-kr', 'ks_c_5601-1987'],
		['gbk', 'gbk', 'GB2312', 'CP936', 'ms936'],
		['shift_jis', 'Shift_JIS', 'Cp932', 'sjis'],
		['euc-jp', 'euc-jp', 'EUC_JP', 'eucJP'],
		['big5', 'Big5', 'cp950', 'MS950'],
		['windows-874', 'TIS-620', 'cp874'],
	] as const) {
		it(`is ${encoding} for ${labels.join(', ')}`, () => {
			for (const label of labels) expect(encodingOf(label), label).to.equal(encoding);
		});
	}

	it('is nothing for a label that nobody knows, none at all, and ASCII', () => {
		for (const label of [undefined, '', ' ', "''", 'x-relay', 'constructor', '__proto__', 'US-ASCII', 'ascii']) {
			expect(encodingOf(label), label).to.equal(undefined);
		}
	});
});

describe('declaredCharset', () => {
	const declared = (xml: string) => declaredCharset(Buffer.from(xml, 'latin1'));

	it('is what the XML declaration says', () => {
		expect(declared('<?xml version="1.0" encoding="GB2312"?><a/>')).to.equal('GB2312');
		expect(declared("<?xml version = '1.0' encoding\t=\n'ks_c_5601-1987' standalone='yes' ?><a/>")).to.equal(
			'ks_c_5601-1987',
		);
		expect(declared(`${'\r\n'.repeat(500)}<?xml version="1.0" encoding="utf-8"?>`)).to.equal('utf-8');
	});

	it('is nothing where there is no declaration, or none that ends', () => {
		for (const xml of [
			'',
			'encoding="utf-8"',
			'<a encoding="utf-8"?>',
			'<a/><?xml encoding="utf-8"?>',
			'<?xml version="1.0"?><a encoding="utf-8"/>',
			'<?xml version="1.0" encoding="utf-8"',
			'<?xml version="1.0" encoding=""?>',
			'<?xml version="1.0" encoding="a b"?>',
			`<?xml version="1.0"${' '.repeat(300)}encoding="utf-8"?>`,
		]) {
			expect(declared(xml), xml).to.equal(undefined);
		}
	});
});
