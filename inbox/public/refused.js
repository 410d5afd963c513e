/** Shows whether requests are being refused now, and how many are new since someone looked in this browser. */

const banner = document.getElementById('refusing');
const counter = document.getElementById('refused-count');
/** Several inboxes may be below one host. */
const KEY = `mm7-inbox refused ${new URL('.', location.href).pathname}`;

/**
 * @param total - the number of refused requests, ever
 * @param now - the reasons for which requests are being refused now
 * @returns whether there are any
 */
export function showRefusals({ total, now }) {
	const isLooking = document.getElementById('refused-page') !== null && !document.hidden;
	if (isLooking) remember(total);
	const seen = Math.min(remembered(), total);
	counter.hidden = seen === total;
	counter.textContent = (total - seen).toLocaleString('en');
	counter.title = `${total - seen} since you last looked`;
	const reasons = now.map(describe);
	// with several reasons, what to do about each is on the page of refused requests
	const text = reasons.length === 1 ? `${reasons[0]} ${now[0].advice}` : reasons.join(' ');
	const place = banner.querySelector('span');
	// a screen reader announces each change
	if (place.textContent !== text) place.textContent = text;
	banner.hidden = now.length === 0;
	return now.length > 0;
}

function describe({ count, peer, peers, title }) {
	const others = peers > 1 ? ` and ${peers - 1} others` : '';
	const requests = count === 1 ? '1 request' : `${count.toLocaleString('en')} requests`;
	return `${title}: ${requests} from ${peer}${others}.`;
}

/** Without storage, the badge counts everything. */
function remembered() {
	try {
		return Number(localStorage.getItem(KEY)) || 0;
	} catch {
		return 0;
	}
}

function remember(total) {
	try {
		localStorage.setItem(KEY, total);
	} catch {
		// the badge stays
	}
}
