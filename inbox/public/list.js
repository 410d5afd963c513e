/** Brings new messages into the list: by themselves where nobody would be disturbed, else when asked for. */

import { onNews } from './health.js';
import { isHeld } from './held.js';
import { showLocalTimes } from './times.js';

/** Most rows of the list. */
const MOST_ROWS = 200;
/** Milliseconds between two questions to the server. */
const PAUSE = 1_000;

const list = document.getElementById('list');
const body = list?.querySelector('tbody');
const news = document.getElementById('news');

/** What came since the list was read, and whether that is all that came. */
let waiting = [];
let isAll = true;
let since = list?.dataset.since;
let nextSince = since;
let asking = false;
let askAgain = false;

async function ask() {
	if (asking) {
		askAgain = true;
		return;
	}
	asking = true;
	askAgain = false;
	try {
		const query = new URLSearchParams(list.dataset.query);
		query.set('since', since);
		const response = await fetch(`news?${query}`);
		if (response.ok) take(await response.json());
	} catch {
		// the words about a dead inbox come from health.js
	}
	setTimeout(() => {
		asking = false;
		if (askAgain) void ask();
	}, PAUSE);
}

function take(answer) {
	waiting = answer.rows;
	isAll = answer.isAll;
	nextSince = answer.since;
	const follows = list.dataset.follows === 'true';
	if (follows && !isHeld(body)) insert();
	else offer(waiting.filter(isNew).length);
}

function offer(count) {
	news.hidden = count === 0;
	news.textContent = `${isAll ? '' : 'More than '}${count} new ${count === 1 ? 'report' : 'reports'}`;
}

function isNew({ key, reportId }) {
	return rowOf(key)?.dataset.report !== reportId;
}

/** Puts each row where it belongs by time, in place of an older one of its message. */
function insert() {
	// what came between these rows and those in the list is missing
	if (!isAll) body.replaceChildren();
	for (const { key, at, reportId, html } of waiting.filter(isNew)) {
		rowOf(key)?.remove();
		const template = document.createElement('template');
		template.innerHTML = html;
		const row = template.content.firstElementChild;
		row.classList.add('new');
		showLocalTimes(row);
		body.insertBefore(row, [...body.rows].find((other) => isOlder(other, at, reportId)) ?? null);
	}
	while (body.rows.length > MOST_ROWS) body.rows[MOST_ROWS].remove();
	waiting = [];
	since = nextSince;
	news.hidden = true;
	followOlder(body.rows[body.rows.length - 1]);
}

function isOlder(row, at, reportId) {
	const difference = Number(row.dataset.at) - at;
	return difference < 0 || (difference === 0 && BigInt(row.dataset.report) < BigInt(reportId));
}

/** The next page goes on where this one ends now. */
function followOlder(last) {
	const older = document.querySelector('a[rel="next"]');
	if (!older) return;
	const url = new URL(older.href);
	url.searchParams.set('before', `${last.dataset.at}-${last.dataset.report}`);
	older.href = url.href;
}

function rowOf(key) {
	return list.querySelector(`tr[data-key="${CSS.escape(key)}"]`);
}

if (list) {
	onNews(ask);
	news.addEventListener('click', (event) => {
		// elsewhere the link leads to the newest
		if (list.dataset.follows !== 'true') return;
		event.preventDefault();
		insert();
		window.scrollTo({ top: 0 });
	});
} else {
	// the first page of all: it becomes the list with the first report
	onNews(({ lastReportAt }) => {
		if (document.getElementById('empty') && lastReportAt !== null) location.reload();
	});
}
