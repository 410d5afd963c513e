/** Keeps the content of a page up to date: by itself where nobody would be disturbed, else when asked for. */

import { onNews } from './health.js';
import { isHeld } from './held.js';
import { showLocalTimes } from './times.js';

/** Milliseconds between two readings. */
const PAUSE = 1_000;

const news = document.getElementById('news');
let fresh;
let reading = false;
let readAgain = false;

async function read() {
	if (reading) {
		readAgain = true;
		return;
	}
	reading = true;
	readAgain = false;
	try {
		const response = await fetch(location.href);
		if (response.ok) take(new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('live'));
	} catch {
		// the words about a dead inbox come from health.js
	}
	setTimeout(() => {
		reading = false;
		if (readAgain) void read();
	}, PAUSE);
}

function take(part) {
	const shown = document.getElementById('live');
	if (!part || part.dataset.version === shown.dataset.version) return;
	fresh = part;
	if (!isHeld(shown)) show();
	else if (news) news.hidden = false;
	else readAgain = true;
}

function show() {
	document.getElementById('live').replaceWith(fresh);
	showLocalTimes(fresh);
	if (news) news.hidden = true;
}

onNews(read);
news?.addEventListener('click', () => {
	show();
	window.scrollTo({ top: 0 });
});
