/** Listens to the inbox, shows its health, and notifies the rest of the page when there is news. */

import { showRefusals } from './refused.js';
import { timeText } from './times.js';

/** The inbox sends an event every five seconds. It is considered down if none arrives for this long. */
const MAX_SILENCE_MS = 15_000;
const RECONNECT_DELAY_MS = 2_000;

const listeners = [];
const connection = document.getElementById('connection');
const trouble = document.getElementById('trouble');

let source;
let silenceTimer;
let reconnectTimer;
let version;
let troubleSince;

/** Calls the listener with `true` once connected, and again after each database change and each interruption. */
export function onNews(listener) {
	listeners.push(listener);
	if (version !== undefined) listener(true);
}

function connect() {
	disconnect();
	// browsers limit connections to a server to six, so background pages must not hold one
	if (document.hidden) return;
	source = new EventSource('events');
	source.addEventListener('message', (event) => {
		watch();
		showPulse(JSON.parse(event.data));
	});
	source.addEventListener('error', reconnect);
	watch();
}

function disconnect() {
	source?.close();
	clearTimeout(silenceTimer);
	clearTimeout(reconnectTimer);
}

function reconnect() {
	disconnect();
	void showReason();
	reconnectTimer = setTimeout(connect, RECONNECT_DELAY_MS);
}

function watch() {
	clearTimeout(silenceTimer);
	silenceTimer = setTimeout(reconnect, MAX_SILENCE_MS);
}

function showPulse(pulse) {
	if (!pulse.database) {
		showTrouble('The database is not responding. Reports are not acknowledged, so the provider retries them.');
		return;
	}
	const wasInTrouble = troubleSince !== undefined;
	troubleSince = undefined;
	trouble.hidden = true;
	const isRefusing = showRefusals(pulse.refused);
	const live = isRefusing ? 'Live, refusing requests' : 'Live';
	const last = pulse.lastReportAt ? `, last report ${timeText(new Date(pulse.lastReportAt))}` : '';
	showConnection(isRefusing ? 'refusing' : 'live', live + last);
	const isFirst = version === undefined;
	const isNew = version !== pulse.version || wasInTrouble;
	version = pulse.version;
	if (isNew) for (const listener of listeners) listener(isFirst);
}

function showConnection(state, text) {
	connection.dataset.state = state;
	connection.textContent = text;
}

/** An EventSource does not expose the status of a rejected request, so the page requests it separately. */
async function showReason() {
	const status = await fetch('events', { method: 'HEAD' }).then(
		(response) => response.status,
		() => undefined,
	);
	if (status === 401) showTrouble('The inbox was restarted. Open it with its new link or its password.');
	else if (status === 503) showTrouble('Too many pages of this inbox are open, so this one does not update.');
	else if (status === undefined) showTrouble('The inbox is not responding.');
}

function showTrouble(problem) {
	troubleSince ??= new Date();
	showConnection('trouble', 'Not live');
	const text = `${problem} This page has not been updated since ${timeText(troubleSince)}.`;
	if (trouble.textContent !== text) trouble.textContent = text;
	trouble.hidden = false;
}

showConnection('connecting', 'Connecting');
document.addEventListener('visibilitychange', connect);
connect();
