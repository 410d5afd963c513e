import { expect } from 'chai';
import { storableJson, storableText } from '../../lib/store/storable.js';

describe('storableText', () => {
	it('keeps text that PostgreSQL can store', () => {
		expect(storableText('Zugestellt ✓ 😀\n')).to.equal('Zugestellt ✓ 😀\n');
	});

	it('replaces NUL and lone surrogates', () => {
		expect(storableText('a\0b\uD800c\uDC00')).to.equal('a\uFFFDb\uFFFDc\uFFFD');
	});
});

describe('storableJson', () => {
	it('replaces the same characters in names and values', () => {
		expect(JSON.parse(storableJson({ 'a\0': 'b\uD800', pair: '😀' }))).to.deep.equal({
			'a\uFFFD': 'b\uFFFD',
			pair: '😀',
		});
	});

	it('does not change text that only looks like an escape', () => {
		expect(JSON.parse(storableJson({ text: '\\u0000 \\\\ud800 \u0001' }))).to.deep.equal({
			text: '\\u0000 \\\\ud800 \u0001',
		});
	});
});
