import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { expect } from 'chai';
import type { DeliveryReport } from 'mm7-delivery-reports';
import { RefusalRepository } from '../../lib/store/refusal-repository.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { refusalsOf, refusedRequest } from '../support/refusals.js';
import { report, reportXml, sendReport } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase, START_TIMEOUT_MS } from '../support/temporary-database.js';

/** Maximum delay of a report by a page. */
const MAX_DELAY_MS = 50;
const MAX_ATTEMPTS = 3;
const MAX_PAGE_BYTES = 500_000;

/** The most expensive texts: each character is invisible, every second one is, or each needs escaping. */
const worstTexts = (length: number) => ['\u200b'.repeat(length), 'a\u200b'.repeat(length / 2), '<"'.repeat(length / 2)];
/** Longer than the text shown in any list. */
const LONG = worstTexts(1_000);
/** Longer than the text shown on a page about it. */
const LONGEST = worstTexts(12_000);

/** A report whose fields are all expensive. */
function worstReport(sample: DeliveryReport, n: number, messageId: string, texts: readonly string[]): DeliveryReport {
	const text = texts[n % texts.length] as string;
	const address = { kind: 'Text' as const, address: `${text}${messageId}` };
	return {
		...sample,
		transactionId: `${n}${text}`,
		messageId,
		recipient: address,
		sender: address,
		mmStatus: text,
		statusText: text,
		mmStatusExtension: text,
		date: undefined,
		dateText: text,
		operatorId: text,
		applicId: text,
		replyApplicId: text,
		auxApplicInfo: text,
		mmsRelayServerId: text,
		mm7Version: text,
		namespace: text,
		extensions: Object.fromEntries([0, 1, 2].map((index) => [`${index}${text}`, text])),
		uaCapabilities: { uaProf: text },
	};
}

describe('a page with the worst content', () => {
	let inbox: ServedInbox;
	let close: () => Promise<void>;

	before(async function () {
		this.timeout(START_TIMEOUT_MS);
		const database = await openTemporaryDatabase();
		inbox = await serveInbox(database);
		close = async () => {
			await inbox.close();
			await database.close();
		};
		const reports = new ReportRepository(database);
		const sample = await report();
		const store = (count: number, make: (n: number) => DeliveryReport) =>
			Promise.all(
				Array.from({ length: count }, (_, n) => {
					const one = make(n);
					return reports.store(one, { xml: one.statusText });
				}),
			);
		const { recipient } = sample;
		await store(100, (n) => ({ ...worstReport(sample, n, 'story', n < 3 ? LONGEST : LONG), recipient }));
		await store(60, (n) => worstReport(sample, n, `${n}${LONG[n % 3]}`, LONG));
		await store(60, (n) => worstReport(sample, n, 'shared', LONG));
		const refusals = new RefusalRepository(database);
		const message = LONG[1] as string;
		for (let n = 0; n < 60; n++) {
			const body = Buffer.from('a\u0001'.repeat(n === 59 ? 40_000 : 10));
			const worst = { message, path: message, peer: message, headers: { 'content-type': message }, size: body.length };
			await refusals.add(refusalsOf(refusedRequest({ ...worst, reason: `HPE_${n}`, body })));
		}
	});
	after(() => close?.());

	/** Loads a page and returns its size in bytes. */
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
		'the CSV': () => '/messages.csv',
		'the workbook': () => '/messages.xlsx',
		'a message with 100 reports': () => story(),
		'a message with many recipients': () => link(/message\?key=[^"]+/, '/?q=shared'),
		'a report': () => story().then((path) => link(/report\?id=\d+/, path)),
		'the statistics': () => '/statistics',
		'the refused requests': () => '/refused',
		'a refused request': () => link(/refused-request[^"]+/, '/refused'),
	};

	/** Loads a page while a report is received. Tries again if the code was not compiled yet or the machine was busy. */
	async function expectShortDelay(path: string, count: number): Promise<void> {
		let delayMs = Number.POSITIVE_INFINITY;
		for (let attempt = 1; attempt <= MAX_ATTEMPTS && delayMs >= MAX_DELAY_MS; attempt++) {
			const stop = measureTurns();
			const pages = Array.from({ length: count }, () => sizeOf(path));
			expect((await sendReport(inbox.url, reportXml({ messageId: 'other' }))).statusCode).to.equal(1000);
			await Promise.all(pages);
			delayMs = stop();
		}
		expect(delayMs).to.be.below(MAX_DELAY_MS);
	}

	for (const [name, pathOf] of Object.entries(PAGES)) {
		it(`is small and does not delay reports: ${name}`, async () => {
			const path = await pathOf();
			expect(await sizeOf(path)).to.be.below(path.startsWith('/messages.') ? Number.POSITIVE_INFINITY : MAX_PAGE_BYTES);
			await expectShortDelay(path, 1);
		});
	}

	it('does not delay reports when many pages are loaded at once', async () => {
		await expectShortDelay(await story(), 10);
	});
});

/**
 * Starts measuring the turns of the event loop, which block everything else.
 *
 * @returns a function that stops measuring and returns the duration of the longest turn in milliseconds
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

/** The CPU time of this thread, which does not depend on other processes; on systems without it, the wall clock. */
function threadMilliseconds(): number {
	try {
		return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;
	} catch {
		return performance.now();
	}
}
