import { expect } from 'chai';
import type { Summary } from '../../../lib/provider/simulator/summary.js';
import { table } from '../../../lib/provider/simulator/table.js';

const SUMMARY: Summary = {
	messages: 100,
	reports: 200,
	readReplies: 0,
	accepted: 197,
	refused: 2,
	lost: 1,
	unfinished: 0,
	retried: 6,
	duplicates: 9,
	duplicatesNotAccepted: 0,
	latency: { p50: 1.26, p99: 12.3 },
	duration: 1234.5678,
	reasons: { 'connection cut': 1, 'HTTP 500': 5 },
	interrupted: false,
	seed: 7,
};

function cells(summary: Summary): Record<string, string> {
	const rows = table(summary)
		.split('\n')
		.map((line) => line.trim().split(/ {2,}/));
	return Object.fromEntries(rows.filter((row) => row.length === 2));
}

describe('table', () => {
	it('shows every count', () => {
		expect(cells(SUMMARY)).to.deep.equal({
			messages: '100',
			'reports sent': '200',
			accepted: '197',
			refused: '2',
			lost: '1',
			retried: '6',
			'duplicates sent': '9',
			'latency p50': '1.3 ms',
			'latency p99': '12.3 ms',
			duration: '1234.6 ms',
			seed: '7',
		});
	});

	it('shows why requests were not accepted, the most frequent reason first', () => {
		expect(table(SUMMARY)).to.match(/\nnot accepted because of\n5 x HTTP 500\n1 x connection cut\n$/);
		expect(table({ ...SUMMARY, reasons: {} })).not.to.include('because');
	});

	it('shows what was unfinished at an interruption, and copies that were not accepted', () => {
		expect(cells({ ...SUMMARY, interrupted: true, unfinished: 3, duplicatesNotAccepted: 4 })).to.include({
			unfinished: '3',
			'not accepted': '4',
		});
	});

	it('shows no latency where there was no answer', () => {
		expect(cells({ ...SUMMARY, latency: { p50: null, p99: null } })).to.include({ 'latency p50': '-' });
	});

	it('shows read replies where there were any', () => {
		expect(cells({ ...SUMMARY, readReplies: 30 })).to.include({ 'read replies': '30' });
	});
});
