import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { loadEnvFile } from '../lib/env-file.js';

describe('loadEnvFile', () => {
	let folder: string;
	const names = ['TEST_FIRST', 'TEST_VALUE', 'TEST_LAST'];
	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-env-'));
	});
	afterEach(() => {
		for (const name of names) delete process.env[name];
	});
	after(() => rm(folder, { recursive: true }));

	async function load(text: string): Promise<void> {
		const file = path.join(folder, '.env');
		await writeFile(file, text);
		loadEnvFile(file);
	}

	for (const [line, value] of [
		["TEST_VALUE='abc#def'", 'abc#def'],
		['TEST_VALUE="it\'s #1" # a comment', "it's #1"],
		['TEST_VALUE=abc # a comment', 'abc'],
		['TEST_VALUE= $HOME"x"', '$HOME"x"'],
		['export TEST_VALUE=a=b', 'a=b'],
		['TEST_VALUE=a\\nb', 'a\\nb'],
		['TEST_VALUE=', ''],
	] as const) {
		it(`reads ${line}`, async () => {
			await load(`# first\r\n\r\n${line}\r\nTEST_LAST=1\r\n`);
			expect(process.env).to.include({ TEST_VALUE: value, TEST_LAST: '1' });
		});
	}

	for (const line of [
		'TEST_VALUE=abc#def',
		'TEST_VALUE=#abc',
		"TEST_VALUE='it's'",
		'TEST_VALUE="abc"def',
		'TEST_VALUE="abc',
		'TEST_VALUE="a\\nb"',
	]) {
		it(`rejects ${line} without quoting it`, async () => {
			const error = await load(`TEST_FIRST=1\n${line}\n`).catch((reason: unknown) => reason);
			expect(error)
				.to.be.an('error')
				.with.property('message')
				.that.matches(/\.env is ambiguous:\n {2}line 2: put the value in quotes: TEST_VALUE='…'$/);
			expect(process.env).not.to.have.any.keys(names);
		});
	}

	for (const line of ['TEST_VALUE', 'TEST VALUE=1', 'TEST_VALUE: 1', '\uFEFFTEST_VALUE=1']) {
		it(`rejects ${JSON.stringify(line)}`, async () => {
			const error = await load(line).catch((reason: unknown) => reason);
			expect(error)
				.to.be.an('error')
				.with.property('message')
				.that.matches(/line 1: write NAME=value$/);
		});
	}

	it('ignores a missing file', () => {
		loadEnvFile(path.join(folder, 'missing'));
		expect(process.env).not.to.have.any.keys(names);
	});
});
