/** Updates the element with the id "live": automatically if that does not disturb the user, otherwise on request. */

import { onNews } from './health.js';

const news = document.getElementById('news');
let fresh;
let tag = '';
let fetching = false;
let fetchAgain = false;

const shown = () => document.getElementById('live');

/** The inbox limits how often there is news. */
async function update() {
	if (fetching) {
		fetchAgain = true;
		return;
	}
	fetching = true;
	fetchAgain = false;
	try {
		const response = await fetch(location.href, { headers: { 'If-None-Match': tag } });
		// otherwise it has not changed, or there is a problem, which health.js reports
		if (response.ok) {
			tag = response.headers.get('ETag') ?? '';
			take(new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('live'));
		}
	} catch {
		// health.js reports that the inbox does not respond
	}
	fetching = false;
	if (fetchAgain) void update();
}

function take(part) {
	if (!part || part.dataset.version === shown().dataset.version) return;
	fresh = part;
	if (isHeld(shown())) news.hidden = false;
	else show();
}

function show() {
	// with the first report, the whole page changes
	if (shown().dataset.version === 'empty') return location.reload();
	shown().replaceWith(fresh);
	news.hidden = true;
}

/** Checks whether the user is using this part of the page, so that it must not move. */
function isHeld(element) {
	return (
		window.scrollY > 0 ||
		getSelection()?.isCollapsed === false ||
		element.matches(':hover') ||
		element.contains(document.activeElement) ||
		element.querySelector('details[open]') !== null
	);
}

if (shown().dataset.version === 'older') {
	// the link leads to the first page of the list, which has the news
	onNews((isFirst) => {
		news.hidden = isFirst;
	});
} else {
	onNews(update);
	news.addEventListener('click', (event) => {
		event.preventDefault();
		show();
		window.scrollTo({ top: 0 });
	});
}
