import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { promisify } from 'node:util';
import { expect } from 'chai';
import express from 'express';
import { heldBytes } from '../../../test/support/memory.js';
import { sendXlsx } from '../../lib/page/export.js';
import type { FindMessages, ListedMessage } from '../../lib/store/read/find-messages.js';
import { serve } from '../support/serve.js';

const ROWS = 100_000;
/** The second half of the rows needs no more memory than the first. */
const MAX_GROWTH_BYTES = 5_000_000;

/** Prints the sheet names, the first rows and the number of rows as JSON. */
const READER = `
import datetime, json, sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1], read_only=True)
rows = book.active.iter_rows(values_only=True)
first = [next(rows) for _ in range(4)]
count = len(first) + sum(1 for _ in rows)
print(json.dumps({'sheets': book.sheetnames, 'first': first, 'count': count}, default=datetime.datetime.isoformat))
`;

/** Rows with what spreadsheets change or refuse. */
const TEXTS = ['369500617770864640', '0001890', '=1+1 & <b> "quoted" _x0041_ \u0001 \uFFFE \u{1F600}\nline'];

function row(n: number): ListedMessage {
	return {
		...{ key: `k${n}`, reportId: String(n), state: 'delivered', mmStatus: 'Retrieved', recipient: '12015550123' },
		...{ sender: '0012', operator: '0001890', transactionId: String(n), at: new Date('2026-03-16T14:03:51.000Z') },
		...{ messageId: TEXTS[n] ?? `m${n}`, reference: null, provider: 'default' },
		statusText: n === 0 ? null : 'Success',
	};
}

describe('a workbook of 100,000 messages', function () {
	this.timeout(240_000);
	let folder: string;
	before(async () => {
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-workbook-'));
	});
	after(() => rm(folder, { recursive: true }));

	it('is read by another library as it was stored, and is written with little memory', async () => {
		let given = 0;
		/** After a quarter of the rows, and after three quarters. */
		const held: number[] = [];
		const messages = {
			async find(_search: unknown, limit: number) {
				if (given >= ROWS * (0.25 + held.length / 2)) held.push(await heldBytes());
				return Array.from({ length: Math.min(limit, ROWS - given) }, () => row(given++));
			},
		} as unknown as FindMessages;
		const served = await serve(
			express().get('/', (_req, res) => sendXlsx(res, messages, {}, { zone: 'Asia/Calcutta' })),
		);
		const file = path.join(folder, 'messages.xlsx');
		try {
			const response = await fetch(served.url);
			expect(response.headers.get('content-type')).to.equal(
				'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
			);
			await pipeline(Readable.fromWeb(response.body as ReadableStream), createWriteStream(file));
		} finally {
			await served.close();
		}
		const [early = 0, late = Infinity] = held;
		expect(late - early).to.be.below(MAX_GROWTH_BYTES);
		const { stdout } = await promisify(execFile)('/usr/bin/python3', ['-c', READER, file]);
		const { sheets, first, count } = JSON.parse(stdout) as { sheets: string[]; first: unknown[][]; count: number };
		expect({ sheets, count }).to.deep.equal({ sheets: ['Messages'], count: ROWS + 1 });
		expect(first[0]).to.include.members(['MessageID', 'Since (Asia/Calcutta)']);
		expect(first[1]).to.deep.equal([
			...['369500617770864640', '12015550123', '0012', 'delivered', 'Retrieved', '2026-03-16T19:33:51'],
			...['0001890', null, '0'],
		]);
		expect(first[2]?.[0]).to.equal('0001890');
		// openpyxl shows escapes of control characters, which spreadsheets decode
		expect(first[3]?.[0]).to.equal('=1+1 & <b> "quoted" _x005F_x0041_ _x0001_ \uFFFD \u{1F600}\nline');
	});
});
