/** Shows a page whose address has no time zone in the user's: the one chosen before, or the browser's. */

const url = new URL(location.href);
if (!url.searchParams.has('tz')) {
	const zone = localStorage.getItem('zone') ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
	const query = `${url.search}${url.search ? '&' : '?'}tz=${encodeURIComponent(zone).replaceAll('%2F', '/')}`;
	// loaded before the body, so the times in UTC never show
	location.replace(`${url.pathname}${query}${url.hash}`);
}

addEventListener('submit', ({ target }) => {
	if (target.id === 'zone-form') localStorage.setItem('zone', target.elements.tz.value);
});
