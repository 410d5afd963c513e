/** Converts the times on the page from UTC to the user's time zone. */

const local = new Intl.DateTimeFormat('en-GB', {
	day: 'numeric',
	month: 'short',
	year: 'numeric',
	hour: '2-digit',
	minute: '2-digit',
	second: '2-digit',
	timeZoneName: 'short',
});

/** Formats a time with its zone, and keeps the two on one line. */
export function localTime(date) {
	return local.format(date).replace(/ (?=\S+$)/, '\u00a0');
}

/** Converts the times in an element. */
export function showLocalTimes(element) {
	for (const time of element.querySelectorAll('time:not([title])')) {
		time.title = time.textContent;
		time.textContent = localTime(new Date(time.dateTime));
	}
}

showLocalTimes(document);
