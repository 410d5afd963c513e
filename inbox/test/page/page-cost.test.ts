import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { expect } from 'chai';
import type { DeliveryReport } from 'mm7-delivery-reports';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { UnreadableRepository } from '../../lib/store/unreadable-repository.js';
import { report, reportXml, sendReport } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';

/** Milliseconds by which a page may delay a report. */
const MAX_DELAY_MS = 50;
const MAX_PAGE_BYTES = 500_000;

/** The texts that are the most work to show: each character is invisible, every second one is, or each needs escaping. */
const WORST_TEXTS = ['\u200b'.repeat(10_000), 'a\u200b'.repeat(5_000), '<"'.repeat(5_000)];

describe('a page with the worst content', () => {
	let inbox: ServedInbox;
	let close: () => Promise<void>;

	before(async function () {
		this.timeout(60_000);
		const database = await openTemporaryDatabase();
		inbox = await serveInbox(database);
		close = async () => {
			await inbox.close();
			await database.close();
		};
		const reports = new ReportRepository(database);
		const sample = await report();
		const worst = (n: number, messageId: string): DeliveryReport => {
			const text = WORST_TEXTS[n % WORST_TEXTS.length] as string;
			const address = { kind: 'Text' as const, address: `${text}${messageId}` };
			const texts = { mmStatus: text, statusText: text, mmStatusExtension: text, dateText: text, operatorId: text };
			const more = {
				applicId: text,
				replyApplicId: text,
				auxApplicInfo: text,
				mmsRelayServerId: text,
				namespace: text,
			};
			const ids = { transactionId: `${n}${text}`, messageId, recipient: address, sender: address, mm7Version: text };
			const extensions = Object.fromEntries(Array.from({ length: 3 }, (_, index) => [`${index}${text}`, text]));
			return { ...sample, ...texts, ...more, ...ids, extensions, uaCapabilities: { uaProf: text }, date: undefined };
		};
		const store = (one: DeliveryReport) => reports.store(one, { xml: one.statusText });
		await Promise.all(
			Array.from({ length: 100 }, (_, n) => store({ ...worst(n, 'story'), recipient: sample.recipient })),
		);
		await Promise.all(
			Array.from({ length: 200 }, (_, n) => store({ ...worst(n, `${n}${WORST_TEXTS[n % 3]}`), extensions: {} })),
		);
		await Promise.all(Array.from({ length: 60 }, (_, n) => store(worst(n, 'shared'))));
		const unreadable = new UnreadableRepository(database);
		const error = new Error(WORST_TEXTS[1]);
		for (let n = 0; n < 60; n++) {
			const body = Buffer.from('a\u0001'.repeat(40_000));
			await unreadable.add({ error: error as never, body }, { contentType: WORST_TEXTS[1] });
		}
	});
	after(() => close?.());

	/** Bytes of a page. */
	function sizeOf(path: string): Promise<number> {
		return new Promise((resolve, reject) => {
			get(inbox.url + path, { headers: inbox.bearer, agent: false }, (response) => {
				expect(response.statusCode).to.equal(200);
				let size = 0;
				response.on('data', (chunk: Buffer) => {
					size += chunk.length;
				});
				response.on('end', () => resolve(size));
			}).on('error', reject);
		});
	}

	async function link(pattern: RegExp, path: string): Promise<string> {
		const html = await (await fetch(inbox.url + path, { headers: inbox.bearer })).text();
		const [, found = ''] = new RegExp(`href="(${pattern.source})"`).exec(html) ?? [];
		return `/${found.replaceAll('&amp;', '&')}`;
	}

	const story = () => link(/message\?key=[^"]+/, '/?q=story');

	const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
		'the list': () => '/',
		'a search': () => `/?q=${encodeURIComponent('a\u200b'.repeat(150))}`,
		'the news of an open list': () => '/news?since=0',
		'the CSV': () => '/messages.csv',
		'a message with 100 reports': () => story(),
		'a message with many recipients': () => link(/message\?key=[^"]+/, '/?q=shared'),
		'a report': () => story().then((path) => link(/report\?id=\d+/, path)),
		'the statistics': () => '/statistics',
		'the unreadable requests': () => '/unreadable',
		'an unreadable request': () => link(/unreadable-request[^"]+/, '/unreadable'),
	};
	/** Asks for a page while a report is received. */
	async function expectShortDelay(path: string, count: number): Promise<void> {
		const stop = measureTurns();
		const pages = Array.from({ length: count }, () => sizeOf(path));
		expect((await sendReport(inbox.url, reportXml({ messageId: 'other' }))).statusCode).to.equal(1000);
		await Promise.all(pages);
		expect(stop()).to.be.below(MAX_DELAY_MS);
	}

	for (const [name, pathOf] of Object.entries(PAGES)) {
		it(`is small and delays no report: ${name}`, async () => {
			const path = await pathOf();
			expect(await sizeOf(path)).to.be.below(path === '/messages.csv' ? Number.POSITIVE_INFINITY : MAX_PAGE_BYTES);
			await expectShortDelay(path, 1);
		});
	}

	it('delays no report, however many times it is open', async () => {
		await expectShortDelay(await story(), 20);
	});
});

/**
 * Measures the turns of the event loop, in which nothing else is done, from now on.
 *
 * @returns ends that, and gives the milliseconds of the longest turn
 */
function measureTurns(): () => number {
	let longest = 0;
	let last = threadMilliseconds();
	const timer = setInterval(look, 1);
	function look(): void {
		const now = threadMilliseconds();
		longest = Math.max(longest, now - last);
		last = now;
	}
	return () => {
		clearInterval(timer);
		look();
		return longest;
	};
}

/** CPU time of this thread, which other programs do not change; on systems without it, the time. */
function threadMilliseconds(): number {
	try {
		return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
	} catch {
		return performance.now();
	}
}
