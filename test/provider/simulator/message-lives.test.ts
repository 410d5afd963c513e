import { expect } from 'chai';
import { type LifeOptions, messageLives } from '../../../lib/provider/simulator/message-lives.js';

const SUBMITTED = new Date('2026-03-16T14:03:51Z');
const OPTIONS = {
	count: 200,
	statuses: ['Retrieved', 'Expired'],
	duplicates: 0,
	outOfOrder: 0,
	readReplies: 0,
	silent: 0,
	seed: 7,
};

function messages(options: Partial<LifeOptions> = {}) {
	return [...messageLives({ ...OPTIONS, ...options }, SUBMITTED)];
}

function lives(options: Partial<LifeOptions> = {}) {
	return messages(options).map(({ reports }) => reports);
}

describe('messageLives', () => {
	it('reports each message as forwarded, then with one of the final statuses', () => {
		const ends = lives().map((reports) => {
			expect(reports).to.have.length(2);
			expect(reports[0]?.fields.mmStatus).to.equal('Forwarded');
			return reports[1]?.fields.mmStatus;
		});
		expect(ends.filter((end) => end === 'Retrieved')).to.have.length.within(70, 130);
		expect(new Set(ends)).to.deep.equal(new Set(['Retrieved', 'Expired']));
	});

	it('reports a message that ends as forwarded only once', () => {
		for (const reports of lives({ statuses: ['Forwarded'] })) expect(reports).to.have.length(1);
	});

	it('gives every report a unique TransactionID and every message a unique MessageID, across seeds', () => {
		const all = [...lives({ seed: 7 }), ...lives({ seed: 8 })];
		const fields = all.flatMap((reports) => reports.map((report) => report.fields));
		expect(new Set(fields.map(({ transactionId }) => transactionId)).size).to.equal(800);
		expect(new Set(fields.map(({ messageId }) => messageId)).size).to.equal(400);
		for (const [first, last] of all) expect(first?.fields.messageId).to.equal(last?.fields.messageId);
	});

	it('gives every report a recipient and the time when its message was submitted', () => {
		for (const { fields } of lives().flat()) {
			expect(fields).to.include({ date: SUBMITTED });
			expect(fields.recipient).to.match(/^1201555\d{4}$/);
		}
	});

	it('makes the same messages for the same seed, whatever the count', () => {
		expect(lives()).to.deep.equal(lives());
		expect(lives({ count: 10 })).to.deep.equal(lives().slice(0, 10));
		expect(lives({ seed: 8 })).not.to.deep.equal(lives());
	});

	it('stays silent about that share of messages, and reports on the others as before', () => {
		const silent = messages({ silent: 0.3 });
		expect(silent.filter(({ reports }) => reports.length === 0)).to.have.length.within(30, 90);
		for (const [index, message] of messages().entries()) {
			const { reports = [], ...facts } = silent[index] ?? {};
			expect(message).to.deep.include(facts);
			if (reports.length > 0) expect(message).to.deep.include({ reports });
		}
	});

	it('adds read replies to about that share of delivered messages, and no others', () => {
		const read = (readReplies: number) =>
			lives({ count: 1000, readReplies }).filter((reports) => reports.some(({ isReadReply }) => isReadReply));
		expect(read(0)).to.have.length(0);
		expect(read(0.3)).to.have.length.within(100, 200); // half of the messages are delivered
		for (const reports of read(1)) {
			expect(reports.map(({ fields }) => fields.mmStatus)).to.deep.equal(['Forwarded', 'Retrieved', 'Read']);
			expect(new Set(reports.map(({ fields }) => fields.transactionId)).size).to.equal(3);
		}
		for (const reports of lives({ statuses: ['Expired'], readReplies: 1 })) expect(reports).to.have.length(2);
	});

	it('marks about that share of reports as duplicated', () => {
		const marked = (duplicates: number) =>
			lives({ count: 1000, duplicates })
				.flat()
				.filter(({ duplicated }) => duplicated).length;
		expect(marked(0)).to.equal(0);
		expect(marked(0.05)).to.be.within(60, 140);
		expect(marked(1)).to.equal(2000);
	});

	it('reverses the reports of about that share of messages, and leaves the others unchanged', () => {
		const inOrder = lives({ count: 1000 });
		const turned = lives({ count: 1000, outOfOrder: 0.2 });
		let opposite = 0;
		for (const [index, reports] of turned.entries()) {
			const isOpposite = reports[0]?.fields.mmStatus !== 'Forwarded';
			if (isOpposite) opposite++;
			expect(isOpposite ? reports.toReversed() : reports).to.deep.equal(inOrder[index]);
		}
		expect(opposite).to.be.within(150, 250);
		for (const reports of lives({ outOfOrder: 1 })) expect(reports[1]?.fields.mmStatus).to.equal('Forwarded');
	});
});
