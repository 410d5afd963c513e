/** How long no sign of life may come before the page connects again; the server sends one every 15 seconds. */
const LONGEST_SILENCE = 40_000;
const RECONNECT_DELAY = 5_000;
/** Number of reports that the server sends at a time. */
const PAGE_SIZE = 50;

const byId = (id) => document.getElementById(id);
const wholeNumber = new Intl.NumberFormat();
const percent = new Intl.NumberFormat(undefined, {
	style: 'percent',
	minimumFractionDigits: 1,
	maximumFractionDigits: 1,
});
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });

/** What is searched for; empty shows the latest reports. */
let search = '';
/** The reports on the page, newest first. */
let shown = [];
/** Whether there are older ones that are not on the page. */
let more = false;
/** Counts the searches, so that a slow answer to an old one is not shown. */
let asked = 0;

function showOverview({ counts, unreadable, reports }) {
	showCounts(counts);
	byId('unreadable').hidden = unreadable === 0;
	byId('unreadable').textContent =
		`${wholeNumber.format(unreadable)} ${unreadable === 1 ? 'request' : 'requests'} could not be read as a report; see the table “unreadable”.`;
	if (search === '') showLatest(reports);
	else void find();
}

/** Shows the newest reports above the older ones that are on the page already, unless some would be missing between. */
function showLatest(newest) {
	const meets = shown.findIndex(({ id }) => id === newest.at(-1)?.id);
	if (meets === -1) showReports(newest, newest.length === PAGE_SIZE);
	else showReports([...newest, ...shown.slice(meets + 1)], more);
}

function showCounts(counts) {
	const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
	const largest = Math.max(1, ...Object.values(counts));
	byId('total').textContent = `${wholeNumber.format(total)} ${total === 1 ? 'message' : 'messages'}`;
	for (const row of document.querySelectorAll('.chart tbody tr')) {
		const count = counts[row.dataset.state];
		row.querySelector('.bar').style.width = `${(100 * count) / largest}%`;
		row.querySelector('.count').textContent = wholeNumber.format(count);
		row.querySelector('.percent').textContent = percent.format(total === 0 ? 0 : count / total);
	}
}

function showReports(reports, hasMore) {
	const known = new Set(shown.map(({ id }) => id));
	const isFirst = shown.length === 0;
	shown = reports;
	more = hasMore;
	byId('reports').replaceChildren(...reports.map((report) => rowOf(report, !isFirst && !known.has(report.id))));
	byId('older').hidden = !more;
	byId('empty').hidden = reports.length > 0;
	byId('empty').textContent = search === '' ? 'No report has come yet.' : 'Nothing was found.';
	byId('reports-title').textContent = search === '' ? 'Latest reports' : 'Search';
	byId('result').hidden = search === '';
	byId('result').textContent =
		search === ''
			? ''
			: `${reports.length}${more ? ' newest' : ''} ${reports.length === 1 ? 'report' : 'reports'} for “${search}”`;
}

/** Text of a report enters the page as text only, never as markup. */
function rowOf(report, isNew) {
	const row = document.createElement('tr');
	row.dataset.state = report.state;
	row.classList.toggle('new', isNew);
	const received = element('time', clock.format(new Date(report.receivedAt)));
	received.dateTime = report.receivedAt;
	const state = element('span', report.state, 'badge');
	const word = element('small', report.late ? `${report.mmStatus}, came late` : report.mmStatus);
	row.append(
		cell('Received', received),
		cell('State', state, word),
		cell('Recipient', element('span', report.recipient, 'id')),
		cell('Sender', ...(report.sender === null ? [] : [element('span', report.sender, 'id')])),
		cell('MessageID', element('span', report.messageId, 'id')),
		cell('Status text', ...(report.statusText === null ? [] : [element('span', report.statusText)])),
	);
	return row;
}

function cell(label, ...children) {
	const made = document.createElement('td');
	made.dataset.label = label;
	made.classList.toggle('none', children.length === 0);
	made.append(...children);
	return made;
}

function element(name, text, className) {
	const made = document.createElement(name);
	made.textContent = text;
	if (className) made.className = className;
	return made;
}

async function ask(before) {
	const query = new URLSearchParams({ q: search, ...(before && { before }) });
	const response = await fetch(`reports?${query}`);
	if (!response.ok) throw new Error(`HTTP ${response.status}`);
	return response.json();
}

/** Shows what `search` asks for. */
async function find() {
	const number = ++asked;
	try {
		const found = await ask();
		if (number === asked) showReports(found.reports, found.more);
	} catch {
		if (number === asked) showFailure();
	}
}

async function showOlder() {
	const number = ++asked;
	try {
		const older = await ask(shown.at(-1)?.id);
		if (number === asked) showReports([...shown, ...older.reports], older.more);
	} catch {
		if (number === asked) showFailure();
	}
}

function showFailure() {
	byId('result').hidden = false;
	byId('result').textContent = 'The reports could not be read. Please try again.';
}

byId('search').addEventListener('submit', (event) => {
	event.preventDefault();
	startSearch();
});
// emptying the field shows the latest reports again
byId('q').addEventListener('input', () => {
	if (byId('q').value.trim() === '' && search !== '') startSearch();
});
byId('older').addEventListener('click', showOlder);

function startSearch() {
	search = byId('q').value.trim();
	shown = [];
	void find();
}

/** Each event holds the whole picture, so that after an interruption the next one makes up for all. */
function connect() {
	const source = new EventSource('events');
	let silence;
	const reconnect = (delay) => {
		clearTimeout(silence);
		source.close();
		showConnection('waiting', 'Reconnecting');
		setTimeout(connect, delay);
	};
	const alive = () => {
		showConnection('live', 'Live');
		clearTimeout(silence);
		silence = setTimeout(() => reconnect(0), LONGEST_SILENCE);
	};
	source.addEventListener('overview', (event) => {
		alive();
		showOverview(JSON.parse(event.data));
	});
	source.addEventListener('heartbeat', alive);
	source.addEventListener('error', () => {
		// the browser tries again by itself unless it was refused
		if (source.readyState === EventSource.CLOSED) reconnect(RECONNECT_DELAY);
		else showConnection('waiting', 'Reconnecting');
	});
}

function showConnection(state, text) {
	const connection = byId('connection');
	connection.dataset.state = state;
	if (connection.textContent !== text) connection.textContent = text;
}

connect();
