import { readdirSync } from 'node:fs';
import path from 'node:path';
import express, { type Request, type RequestHandler, type Router } from 'express';
import type { JSX } from 'preact';
import type { Database } from '../store/database.js';
import { readChoices as choicesReader } from '../store/read/choices.js';
import {
	type Filters,
	isNarrowed,
	type Position,
	readFilters,
	readId,
	readPosition,
	readRangeChoice,
	withoutSpan,
} from '../store/read/filters.js';
import { findMessages } from '../store/read/find-messages.js';
import { eventQueries } from '../store/read/message-events.js';
import { messageStories } from '../store/read/message-story.js';
import { refusedQueries, startOfDays } from '../store/read/refused.js';
import { readStatistics } from '../store/read/statistics.js';
import { chooseRange } from '../store/read/statistics-range.js';
import { readToday } from '../store/read-again.js';
import { UTC, type Zone } from '../zone.js';
import { cleanQuery } from './clean-query.js';
import { sendCsv, sendXlsx } from './export.js';
import type { PulseStream } from './pulse.js';
import { readRefusedView } from './refused-view.js';
import { sharePages } from './shared-pages.js';
import { urlOf, zoneOf } from './url.js';
import { ErasePage } from './views/erase-page.js';
import { sendPage } from './views/layout.js';
import { MessagePage } from './views/message-page.js';
import { MessagesPage } from './views/messages-page.js';
import { EmptyPage, FailurePage, type OpenedAt, type StartOptions } from './views/notices.js';
import { RefusedPage, RefusedRequestPage, refusedFile } from './views/refused-pages.js';
import { ReportPage } from './views/report-page.js';
import { StatisticsPage } from './views/statistics-page.js';
import { ZonePage } from './views/zone-page.js';

/** The number of rows per page of a list. */
const PAGE_SIZE = 50;
const IDLE_TIMEOUT_MS = 60_000;
const NONE = { count: 0, more: false };

const README = path.join(__dirname, '..', '..', 'README.md');

/** Serves static files, which are public. */
export function pageFiles(): RequestHandler {
	const folder = path.join(__dirname, '..', '..', 'public');
	const paths = new Set(readdirSync(folder).map((name) => `/${name}`));
	const serveFile = express.static(folder, { index: false });
	// other paths would be looked up on disk for every page view
	return (req, res, next) => (paths.has(req.path) ? serveFile(req, res, next) : next());
}

/** Disconnects clients that do not read a response for some time, because it is kept in memory. */
export function disconnectIdle(timeoutMs = IDLE_TIMEOUT_MS): RequestHandler {
	return (_req, res, next) => {
		res.setTimeout(timeoutMs, () => res.destroy());
		next();
	};
}

/**
 * Creates the pages. A page's URL determines everything it shows.
 *
 * @param start - options for the page shown before the first report
 */
export function pageRoutes(
	database: Database,
	pulse: PulseStream,
	start: StartOptions,
	overdueAfterMs?: number,
): Router {
	const messages = findMessages(database, { overdueAfterMs });
	const readChoices = choicesReader(database);
	const stories = messageStories(database);
	const events = eventQueries(database);
	const statistics = readStatistics(database);
	const refused = refusedQueries(database);
	const share = sharePages(pulse);
	const router = express.Router();

	router.use(disconnectIdle());

	router.use((req, res, next) => {
		const clean = cleanQuery(paramsOf(req));
		if (clean === undefined) next();
		else res.redirect(`./${path.posix.basename(req.path)}${clean}`);
	});

	router.get(
		'/',
		share(async (req) => {
			const params = paramsOf(req);
			return messagesPage(readFilters(params), readPosition(params), zoneOf(req), openedAt(req));
		}),
	);

	async function messagesPage(
		filters: Filters,
		position: Position | undefined,
		zone: Zone | undefined,
		opened: OpenedAt,
	): Promise<JSX.Element> {
		const searched = withoutSpan(filters, zone);
		const [found, choices, hits, givenUp] = await Promise.all([
			messages.find({ filters: searched, ...position }, PAGE_SIZE + 1),
			readChoices(searched),
			messages.count(searched),
			events.givenUp(),
		]);
		if (found.length === 0 && !isNarrowed(filters) && !position) return EmptyPage({ ...opened, ...start });
		// one more than shown, on the side away from the position
		const shown = position?.after ? found.slice(-PAGE_SIZE) : found.slice(0, PAGE_SIZE);
		const [first] = shown;
		return MessagesPage({
			filters,
			position,
			choices,
			messages: shown,
			newer: position && first ? await messages.count(searched, first) : NONE,
			hasOlder: position?.after !== undefined || found.length > PAGE_SIZE,
			hits,
			givenUp,
			pageSize: PAGE_SIZE,
		});
	}

	for (const [file, send] of Object.entries({ 'messages.csv': sendCsv, 'messages.xlsx': sendXlsx })) {
		router.get(`/${file}`, (req, res) => {
			const zone = zoneOf(req);
			return send(res, messages, withoutSpan(readFilters(paramsOf(req)), zone), { zone });
		});
	}

	router.get(
		'/message',
		share(async (req) => {
			const key = paramsOf(req).get('key') ?? '';
			const [story, eventsOfMessage] = await Promise.all([stories.read(key), events.of(key)]);
			return story && MessagePage({ story, events: eventsOfMessage });
		}),
	);

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

	router.get(
		'/statistics',
		share(async (req) => {
			const choice = readRangeChoice(paramsOf(req));
			return StatisticsPage({ choice, statistics: await statistics(chooseRange(choice, zoneOf(req) ?? UTC)) });
		}),
	);

	router.get(
		'/refused',
		share(async (req) => {
			const view = readRefusedView(paramsOf(req));
			const [sums, found, { total }] = await Promise.all([
				refused.sums(startOfDays(view.days)),
				refused.list(PAGE_SIZE + 1, view),
				refused.current(),
			]);
			const requests = found.slice(0, PAGE_SIZE);
			return RefusedPage({ view, sums, requests, hasOlder: found.length > PAGE_SIZE, total });
		}),
	);

	router.get(['/refused-request', '/refused.txt'], async (req, res, next) => {
		const id = readId(paramsOf(req), 'id');
		const request = id === undefined ? undefined : await refused.one(id);
		if (request === undefined) return next();
		if (req.path !== '/refused.txt') {
			return sendPage(res, RefusedRequestPage({ request, today: await readToday(request) }));
		}
		res.attachment(`refused-${id}.txt`).type('application/octet-stream').set('Cache-Control', 'no-store');
		res.send(refusedFile(request));
	});

	router.get('/erase', (_req, res) => sendPage(res, ErasePage({ step: 'asked' })));

	router.get('/zone', (req, res) => sendPage(res, ZonePage({ back: paramsOf(req).get('back') ?? '' })));

	router.get('/readme.txt', (_req, res) => res.type('text').sendFile(README));

	router.get('/events', pulse.handler);

	router.use(async (_req, res) => {
		const text = 'This page does not exist or has been removed.';
		await sendPage(res.status(404), FailurePage({ title: 'Page not found', text }));
	});
	return router;
}

function openedAt(req: Request): OpenedAt {
	return {
		root: `${req.protocol}://${req.get('Host')}`,
		proxyIsUntrusted: req.protocol === 'http' && req.get('X-Forwarded-Proto')?.startsWith('https') === true,
	};
}

function paramsOf(req: Request): URLSearchParams {
	return urlOf(req).searchParams;
}
