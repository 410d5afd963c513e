/** Listens to the inbox, says in words how it is, and tells the rest of the page when there is something new. */

import { localTime } from './times.js';

/** Milliseconds without a word after which the inbox counts as away; it says something every five seconds. */
const LONGEST_SILENCE = 15_000;
const RECONNECT_DELAY = 2_000;

const listeners = [];
const connection = document.getElementById('connection');
const trouble = document.getElementById('trouble');

let source;
let silence;
let again;
let version;
let troubleSince;

/** Calls back whenever something new is in the database, and after each interruption. */
export function onNews(listener) {
	listeners.push(listener);
}

function connect() {
	disconnect();
	// a browser opens six connections to a server, so pages in the background must not hold one
	if (document.hidden) return;
	source = new EventSource('events');
	source.addEventListener('message', (event) => {
		watch();
		hear(JSON.parse(event.data));
	});
	source.addEventListener('error', reconnect);
	watch();
}

function disconnect() {
	source?.close();
	clearTimeout(silence);
	clearTimeout(again);
}

function reconnect() {
	disconnect();
	void sayAway();
	again = setTimeout(connect, RECONNECT_DELAY);
}

function watch() {
	clearTimeout(silence);
	silence = setTimeout(reconnect, LONGEST_SILENCE);
}

function hear(pulse) {
	const count = document.getElementById('unreadable-count');
	if (!pulse.database) {
		say('The database does not answer. Reports are not acknowledged, so the provider sends them again.');
		return;
	}
	const wasInTrouble = troubleSince !== undefined;
	troubleSince = undefined;
	trouble.hidden = true;
	connection.dataset.state = 'live';
	connection.textContent = pulse.lastReportAt ? `Live, last report ${localTime(new Date(pulse.lastReportAt))}` : 'Live';
	count.hidden = pulse.unreadable === 0;
	count.textContent = pulse.unreadable.toLocaleString('en');
	const isNew = version !== pulse.version || wasInTrouble;
	version = pulse.version;
	if (isNew) for (const listener of listeners) listener(pulse);
}

/** A stream that was refused is not told why, so the page asks. */
async function sayAway() {
	const status = await fetch('events', { method: 'HEAD' }).then(
		(response) => response.status,
		() => undefined,
	);
	if (status === 401) say('The inbox was started again and opens by its new link only, or by its password.');
	else if (status === 503) say('Too many pages of this inbox are open, so this one is not kept up to date.');
	else if (status === undefined) say('The inbox does not answer.');
}

function say(words) {
	troubleSince ??= new Date();
	connection.dataset.state = 'trouble';
	connection.textContent = 'Not live';
	const text = `${words} Since ${localTime(troubleSince)} nothing new is shown here.`;
	if (trouble.hidden || trouble.textContent !== text) trouble.textContent = text;
	trouble.hidden = false;
}

document.addEventListener('visibilitychange', connect);
connect();
