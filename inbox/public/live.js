/** Updates the element with the id "live": automatically if that does not disturb the user, otherwise on request. */

import { onNews } from './health.js';

/** The minimum time between fetches. */
const PAUSE_MS = 1_000;

const news = document.getElementById('news');
let fresh;
let fetching = false;
let fetchAgain = false;

const shown = () => document.getElementById('live');

async function update() {
	if (fetching) {
		fetchAgain = true;
		return;
	}
	fetching = true;
	fetchAgain = false;
	try {
		const response = await fetch(location.href);
		if (response.ok) take(new DOMParser().parseFromString(await response.text(), 'text/html').getElementById('live'));
	} catch {
		// health.js reports that the inbox does not respond
	}
	setTimeout(() => {
		fetching = false;
		if (fetchAgain) void update();
	}, PAUSE_MS);
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
