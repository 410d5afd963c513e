import path from 'node:path';
import express, { type Request, type RequestHandler, type Router } from 'express';
import type { Database } from '../store/database.js';
import { filterQuery, isNarrowed, readCursor, readFilters, readId, readSpan } from '../store/read/filters.js';
import { findMessages, type ListedMessage } from '../store/read/find-messages.js';
import { messageStories } from '../store/read/message-story.js';
import { readStatistics } from '../store/read/statistics.js';
import { unreadableQueries } from '../store/read/unreadable.js';
import { sendCsv } from './csv.js';
import type { PulseStream } from './pulse.js';
import { ownTurn } from './turns.js';
import { urlOf } from './url.js';
import { EmptyPage } from './views/empty-page.js';
import { FailurePage } from './views/failure-page.js';
import { render, sendPage } from './views/layout.js';
import { MessagePage } from './views/message-page.js';
import { MessageRow, MessagesPage } from './views/messages-page.js';
import { ReportPage } from './views/report-page.js';
import { StatisticsPage } from './views/statistics-page.js';
import { UnreadablePage, UnreadableRequestPage, unreadableFile } from './views/unreadable-pages.js';

/** Rows of a page of a list. */
const PAGE_SIZE = 50;
/** Most rows that an open list gets at a time, and holds; and most characters of them. */
const MOST_NEWS = 200;
const MAX_NEWS_LENGTH = 400_000;
/** Milliseconds by which an open list looks back: what several processes store is not seen in the order of arrival. */
const OVERLAP = 10_000;

/** The files of the pages; there is nothing in them that is not public. */
export function pageFiles(): RequestHandler {
	return express.static(path.join(__dirname, '..', '..', 'public'), { index: false });
}

/**
 * The pages, each with everything that it shows in its URL.
 *
 * @param mm7User - name under which the provider logs in
 */
export function pageRoutes(database: Database, pulse: PulseStream, mm7User: string | undefined): Router {
	const messages = findMessages(database);
	const stories = messageStories(database);
	const statistics = readStatistics(database);
	const unreadable = unreadableQueries(database);
	const router = express.Router();

	router.get('/', async (req, res) => {
		const params = paramsOf(req);
		const filters = readFilters(params);
		// the form sends its empty fields, too
		if ([...params.values()].includes('')) return res.redirect(`.${filterQuery(filters)}`);
		const before = readCursor(params);
		const narrowed = isNarrowed(filters);
		const readAt = Date.now();
		const [found, hits] = await Promise.all([
			messages.find({ filters, before }, PAGE_SIZE + 1),
			narrowed ? messages.count(filters) : undefined,
		]);
		if (found.length === 0 && !narrowed && !before) {
			return sendPage(res, EmptyPage({ root: `${req.protocol}://${req.get('Host')}`, mm7User }));
		}
		const shown = found.slice(0, PAGE_SIZE);
		const hasOlder = found.length > PAGE_SIZE;
		// news of an older page is what came after it was read; else, what may have been overlooked
		const since = before ? readAt : Math.max(readAt - OVERLAP, hasOlder ? atOf(shown.at(-1)) : 0);
		await sendPage(res, MessagesPage({ filters, before, messages: shown, hasOlder, hits, since }));
	});

	router.get('/news', async (req, res) => {
		const params = paramsOf(req);
		const since = new Date(Number(readId(params, 'since') ?? 0));
		const readAt = Date.now();
		const found = await messages.find({ filters: readFilters(params), since }, MOST_NEWS);
		await ownTurn();
		const rows: object[] = [];
		let length = 0;
		for (const message of found) {
			const html = render(MessageRow({ message }));
			length += html.length;
			if (length > MAX_NEWS_LENGTH) break;
			rows.push({ ...keysOf(message), html });
		}
		const isAll = rows.length === found.length && rows.length < MOST_NEWS;
		res.set('Cache-Control', 'no-store').json({ since: readAt - OVERLAP, isAll, rows });
	});

	router.get('/messages.csv', (req, res) => sendCsv(res, messages, readFilters(paramsOf(req))));

	router.get('/message', async (req, res, next) => {
		const story = await stories.read(paramsOf(req).get('key') ?? '');
		if (story === undefined) next();
		else await sendPage(res, MessagePage({ story }));
	});

	router.get('/report', async (req, res, next) => {
		const id = readId(paramsOf(req), 'id');
		const report = id === undefined ? undefined : await stories.report(id);
		if (report === undefined) next();
		else await sendPage(res, ReportPage({ report }));
	});

	router.get('/report.xml', async (req, res, next) => {
		const id = readId(paramsOf(req), 'id');
		const xml = id === undefined ? undefined : await stories.xml(id);
		if (xml === undefined) next();
		else res.attachment(`report-${id}.xml`).set('Cache-Control', 'no-store').send(Buffer.from(xml));
	});

	router.get('/statistics', async (req, res) => {
		await sendPage(res, StatisticsPage({ statistics: await statistics(readSpan(paramsOf(req))) }));
	});

	router.get('/unreadable', async (req, res) => {
		const found = await unreadable.list(PAGE_SIZE + 1, readId(paramsOf(req), 'before'));
		await sendPage(res, UnreadablePage({ requests: found.slice(0, PAGE_SIZE), hasOlder: found.length > PAGE_SIZE }));
	});

	router.get(['/unreadable-request', '/unreadable.txt'], async (req, res, next) => {
		const id = readId(paramsOf(req), 'id');
		const request = id === undefined ? undefined : await unreadable.one(id);
		if (request === undefined) return next();
		if (req.path !== '/unreadable.txt') return sendPage(res, UnreadableRequestPage({ request }));
		res.attachment(`unreadable-${id}.txt`).type('application/octet-stream').set('Cache-Control', 'no-store');
		res.send(unreadableFile(request));
	});

	router.get('/events', pulse.handler);

	router.use(async (_req, res) => {
		const title = 'There is nothing here';
		await sendPage(
			res.status(404),
			FailurePage({ title, text: 'What was asked for does not exist, or not any more.' }),
		);
	});
	return router;
}

function paramsOf(req: Request): URLSearchParams {
	return urlOf(req).searchParams;
}

function keysOf({ key, reportId, at }: ListedMessage): object {
	return { key, reportId, at: at.getTime() };
}

function atOf(message: ListedMessage | undefined): number {
	return message?.at.getTime() ?? 0;
}
