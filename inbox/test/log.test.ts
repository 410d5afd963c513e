import { expect } from 'chai';
import { Mm7ServiceError } from 'mm7-delivery-reports';
import { makeLogger, maskNumbers } from '../lib/log.js';
import { LogLines } from './support/serve.js';

describe('maskNumbers', () => {
	it('keeps the last two digits of a phone number', () => {
		expect(maskNumbers('to +12015550123 and 12015550124.')).to.equal('to **********23 and *********24.');
	});

	it('keeps ids and short numbers', () => {
		expect(maskNumbers('message 480000000000000001, code 4006')).to.equal('message 480000000000000001, code 4006');
	});
});

describe('makeLogger', () => {
	it('logs no phone numbers and no additional fields of errors, including their causes', () => {
		const output = new LogLines();
		const failed = Object.assign(new Error('no room for 12015550123'), {
			code: '53100',
			detail: 'Failing row contains (12015550123)',
			params: ['12015550123'],
		});
		makeLogger('info', output).error({ err: new Mm7ServiceError('not stored', { cause: failed }) }, 'failed');
		expect(output.lines).to.have.lengthOf(1);
		const line = output.lines[0] ?? '';
		expect(line).not.to.include('12015550123');
		expect(JSON.parse(line)).to.deep.include({ level: 50, msg: 'failed' });
		expect(JSON.parse(line).err).to.include({ code: 'ERR_MM7_SERVICE_ERROR' });
		expect(JSON.parse(line).err.cause).to.include({ message: 'no room for *********23', code: '53100' });
	});

	it('cuts long fields, error messages and stacks', () => {
		const output = new LogLines();
		const long = 'x'.repeat(1_000_000);
		const err = new Mm7ServiceError(long, { cause: new Error(long) });
		makeLogger('info', output).warn({ transactionId: long, mmStatus: long, err }, 'refused');
		const { transactionId, mmStatus } = JSON.parse(output.lines[0] ?? '');
		expect([transactionId, mmStatus]).to.deep.equal(Array(2).fill(`${'x'.repeat(200)}…`));
		expect(output.lines[0]).to.have.length.below(10_000);
	});

	it('escapes line breaks and terminal commands', () => {
		const output = new LogLines();
		const forged = 'x\n{"msg":"forged"}\u001b[2J\u009b2J\u007f';
		makeLogger('info', output).info({ messageId: forged }, 'acknowledged');
		expect(output.lines).to.have.lengthOf(1);
		// biome-ignore lint/suspicious/noControlCharactersInRegex: the test looks for them
		expect(output.lines[0]?.trimEnd()).not.to.match(/[\u0000-\u001f\u007f-\u009f]/);
		expect(JSON.parse(output.lines[0] ?? '').messageId).to.equal(forged);
	});
});
