/** Keeps the times on the page right: today's have no date, and each shows its age when pointed at. */

const timeZone = document.documentElement.dataset.zone;
const format = (options) => new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
const clock = format({ timeStyle: 'medium' });
const day = format({ day: 'numeric', month: 'short' });
const date = format({ dateStyle: 'medium' });
const year = format({ year: 'numeric' });
const age = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const UNITS = [
	['day', 86_400],
	['hour', 3600],
	['minute', 60],
	['second', 1],
];

/** Formats a time like the server: `14:03:59` today, `6 Jul 14:03:59` this year, otherwise with the year. */
export function timeText(time) {
	const now = new Date();
	if (date.format(time) === date.format(now)) return clock.format(time);
	return `${(year.format(time) === year.format(now) ? day : date).format(time)} ${clock.format(time)}`;
}

function ageText(time) {
	const seconds = Math.round((Date.now() - time) / 1000);
	const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
	return age.format(-Math.trunc(seconds / length), unit);
}

addEventListener('pointerover', ({ target }) => {
	const time = target.closest?.('time');
	if (!time) return;
	time.dataset.full ??= time.title;
	time.title = `${time.dataset.full}, ${ageText(new Date(time.dateTime))}`;
});

// a time in a row lies over its link, so that it can be pointed at
addEventListener('click', ({ target }) => {
	target.closest?.('.list time')?.closest('tr').querySelector('a[href]')?.click();
});

// at midnight, today's times become yesterday's
setInterval(() => {
	for (const time of document.querySelectorAll('time')) {
		const text = timeText(new Date(time.dateTime));
		if (time.textContent !== text) time.textContent = text;
	}
}, 60_000);
