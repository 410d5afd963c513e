import path from 'node:path';
import express, { type Router } from 'express';
import type { ReportRepository } from '../reports/report-repository.js';
import type { Events } from './events.js';
import { PAGE_SIZE } from './overview.js';

const LONGEST_SEARCH = 300;

/** The page, its events, and the reports that it asks for. */
export function pageRoutes(reports: ReportRepository, events: Events): Router {
	const router = express.Router();
	router.get('/events', events.handler);
	router.get('/reports', async (req, res) => {
		const { q = '', before } = req.query;
		const known = typeof q === 'string' && (before === undefined || isId(before));
		if (!known || q.length > LONGEST_SEARCH) {
			res.status(400).json({ error: 'q must be a text of at most 300 characters, before the id of a report' });
			return;
		}
		const found =
			q.trim() === '' ? await reports.latest(PAGE_SIZE, before) : await reports.search(q, PAGE_SIZE, before);
		res.set('Cache-Control', 'no-store').json({ reports: found, more: found.length === PAGE_SIZE });
	});
	router.use(express.static(path.join(__dirname, '..', 'public')));
	return router;
}

function isId(value: unknown): value is string {
	return typeof value === 'string' && /^\d{1,18}$/.test(value);
}
