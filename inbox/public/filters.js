/** Applies the filters of the list at once, and keeps the menu open in which one was changed. Accepts pasted lists. */

const form = document.getElementById('filters');
const menus = [...form.querySelectorAll('details.menu')];

const times = [form.elements.from, form.elements.to];

function apply(menu, next) {
	sessionStorage.setItem('filter', JSON.stringify([menu.id, next?.id]));
	form.requestSubmit();
}

form.addEventListener('change', ({ target }) => {
	if (!target.matches('[type="checkbox"], [type="radio"]')) return;
	// the last 24 hours and a date exclude each other
	if (target.name === 'span') for (const field of times) field.value = '';
	apply(target.closest('.menu'), target);
});

// a time changes with each digit
form.addEventListener('focusout', ({ target, relatedTarget }) => {
	if (times.includes(target) && target.value !== target.defaultValue) apply(target.closest('.menu'), relatedTarget);
});

// a field of one line would join the lines of a pasted list
form.elements.q.addEventListener('paste', (event) => {
	const text = event.clipboardData.getData('text/plain').trim();
	if (!/[\r\n]/.test(text)) return;
	event.preventDefault();
	const { selectionStart, selectionEnd } = event.target;
	event.target.setRangeText(text.replace(/[\r\n]+/g, ', '), selectionStart, selectionEnd, 'end');
});

/** Leaves empty fields out of the address. */
form.addEventListener('formdata', ({ formData }) => {
	for (const [name, value] of [...formData]) if (value === '') formData.delete(name);
});

for (const menu of menus) {
	menu.addEventListener('toggle', () => {
		if (menu.open) for (const other of menus) if (other !== menu) other.open = false;
	});
}
addEventListener('click', ({ target }) => {
	for (const menu of menus) if (!menu.contains(target)) menu.open = false;
});

const [menuId, fieldId] = JSON.parse(sessionStorage.getItem('filter') ?? '[]');
sessionStorage.removeItem('filter');
const menu = menuId && document.getElementById(menuId);
if (menu) {
	menu.open = true;
	document.getElementById(fieldId)?.focus();
}
