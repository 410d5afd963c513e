/** Puts the times of the pages, which come in UTC, into the zone of the reader. */

const local = new Intl.DateTimeFormat('en-GB', {
	day: 'numeric',
	month: 'short',
	year: 'numeric',
	hour: '2-digit',
	minute: '2-digit',
	second: '2-digit',
	timeZoneName: 'short',
});

/** A moment for a reader, with its zone, which stays with the time where the line ends. */
export function localTime(date) {
	return local.format(date).replace(/ (?=\S+$)/, '\u00a0');
}

/** Does so within an element. */
export function showLocalTimes(element) {
	for (const time of element.querySelectorAll('time:not([title])')) {
		time.title = time.textContent;
		time.textContent = localTime(new Date(time.dateTime));
	}
}

showLocalTimes(document);
