/** The keyboard: `/` search, `j` and `k` rows, Enter opens, Esc back, `?` help. */

const help = document.getElementById('keys');
const links = () =>
	[...document.querySelectorAll('.list tbody tr')].flatMap((row) => row.querySelector('a[href]') ?? []);

/** Makes the rows one stop of the Tab key: the focused row's link, or else the first one. */
function makeOneStop() {
	const rows = links();
	const current = rows.includes(document.activeElement) ? document.activeElement : rows[0];
	for (const link of rows) link.tabIndex = link === current ? 0 : -1;
}

function move(distance) {
	const rows = links();
	const index = rows.indexOf(document.activeElement);
	const next = rows[index < 0 ? 0 : Math.min(Math.max(index + distance, 0), rows.length - 1)];
	next?.focus();
	next?.closest('tr').scrollIntoView({ block: 'nearest' });
}

function focusSearch() {
	const field = document.getElementById('q');
	if (field) field.select();
	else document.querySelector('nav a').click();
}

function goBack() {
	const menu = document.querySelector('details.menu[open]');
	if (menu) {
		menu.open = false;
		menu.querySelector('summary').focus();
	} else if (document.activeElement.matches('input, select, .list a')) document.activeElement.blur();
	else if (/(message|report|refused-request|zone)$/.test(location.pathname)) {
		// the list selects the message again
		sessionStorage.setItem('row', location.pathname + location.search);
		if (document.referrer.startsWith(location.origin)) history.back();
		else document.querySelector('nav a').click();
	}
}

const ACTIONS = {
	'/': focusSearch,
	j: () => move(1),
	k: () => move(-1),
	'?': () => help.showModal(),
	Escape: goBack,
};

addEventListener('keydown', (event) => {
	const { key, target } = event;
	if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
	if (key !== 'Escape' && target.matches('input:not([type="checkbox"], [type="radio"]), select, textarea')) return;
	const inList = target.matches('.list a');
	const action = ACTIONS[{ ArrowDown: inList && 'j', ArrowUp: inList && 'k' }[key] || key];
	if (!action) return;
	event.preventDefault();
	action();
});

// new rows come with updates
new MutationObserver(makeOneStop).observe(document.getElementById('content'), { childList: true, subtree: true });
addEventListener('focusin', makeOneStop);
makeOneStop();

const helpButton = document.getElementById('help');
helpButton.hidden = false;
helpButton.addEventListener('click', ACTIONS['?']);

const left = sessionStorage.getItem('row');
sessionStorage.removeItem('row');
links()
	.find((link) => link.pathname + link.search === left)
	?.focus();
