/** Adds a button to each id that can be copied; in lists, when the row is pointed at. */

const DONE_MS = 1_500;

function addButton(element) {
	if (element.querySelector('.copy')) return;
	const button = document.createElement('button');
	button.type = 'button';
	button.className = 'copy';
	// rows of a list are one stop of the Tab key
	if (element.closest('.list')) button.tabIndex = -1;
	name(button, `Copy ${element.dataset.copy}`);
	element.append(button);
}

function name(button, text) {
	button.title = text;
	button.ariaLabel = text;
}

function addButtons() {
	for (const element of document.querySelectorAll('[data-copy]')) if (!element.closest('.list')) addButton(element);
}

// the link of a row covers all of it
addEventListener('pointerover', ({ target }) => {
	for (const element of target.closest?.('.list tr')?.querySelectorAll('[data-copy]') ?? []) addButton(element);
});

/** Browsers offer the clipboard only over HTTPS and to localhost; elsewhere, they copy what is selected. */
async function copy(text) {
	if (navigator.clipboard) return navigator.clipboard.writeText(text);
	const field = document.body.appendChild(document.createElement('textarea'));
	field.value = text;
	field.select();
	document.execCommand('copy');
	field.remove();
}

addEventListener('click', async ({ target }) => {
	if (!target.matches('.copy')) return;
	const text = target.parentElement.dataset.copy;
	await copy(text);
	name(target, 'Copied');
	target.classList.add('copied');
	setTimeout(() => {
		name(target, `Copy ${text}`);
		target.classList.remove('copied');
	}, DONE_MS);
});

new MutationObserver(addButtons).observe(document.getElementById('content'), { childList: true, subtree: true });
addButtons();
