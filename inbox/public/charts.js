/**
 * Shows the value of one bar of a chart: the one that is pointed at, or chosen by the arrow keys. A chart has one place in
 * the order of tabs, and is announced as a slider over its bars. It works for charts that appear later, too.
 */

const chartOf = (element) => element?.closest?.('.chart');
const barsOf = (chart) => [...chart.querySelectorAll('.bar')];
const readoutOf = (chart) => chart.querySelector('.readout');

/** Makes the line below a chart a slider, once the keys work. */
function prepare(chart) {
	const readout = readoutOf(chart);
	if (readout.getAttribute('role') === 'slider') return;
	const bars = barsOf(chart);
	const attributes = {
		role: 'slider',
		tabindex: 0,
		'aria-label': chart.dataset.label,
		'aria-valuemin': 1,
		'aria-valuemax': bars.length,
		'aria-valuenow': bars.length,
		'aria-valuetext': bars.at(-1)?.dataset.text ?? '',
	};
	for (const [name, value] of Object.entries(attributes)) readout.setAttribute(name, value);
	readout.dataset.text = readout.textContent;
}

/** Shows the value of a bar, or of none. */
function choose(chart, bar) {
	const readout = readoutOf(chart);
	currentOf(chart)?.classList.remove('current');
	readout.textContent = bar?.dataset.text ?? readout.dataset.text;
	if (!bar) return;
	bar.classList.add('current');
	readout.setAttribute('aria-valuenow', barsOf(chart).indexOf(bar) + 1);
	readout.setAttribute('aria-valuetext', bar.dataset.text);
}

const currentOf = (chart) => chart.querySelector('.bar.current');

const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -7, PageUp: 7 };
const ENDS = { Home: 0, End: -1 };

/** The chart whose readout has the focus. */
const focusedChart = (target) => (target.matches?.('.chart .readout') ? chartOf(target) : undefined);

addEventListener('keydown', (event) => {
	const chart = focusedChart(event.target);
	if (!chart || event.ctrlKey || event.altKey || event.metaKey) return;
	const bars = barsOf(chart);
	const index = bars.indexOf(currentOf(chart) ?? bars.at(-1));
	if (event.key in STEPS) choose(chart, bars[Math.min(Math.max(index + STEPS[event.key], 0), bars.length - 1)]);
	else if (event.key in ENDS) choose(chart, bars.at(ENDS[event.key]));
	else if (event.key === 'Enter' && bars[index]?.matches('a')) location.assign(bars[index].href.baseVal);
	else return;
	event.preventDefault();
});

addEventListener('focusin', ({ target }) => {
	const chart = focusedChart(target);
	if (chart) choose(chart, currentOf(chart) ?? barsOf(chart).at(-1));
});
addEventListener('focusout', ({ target }) => {
	const chart = focusedChart(target);
	if (chart) choose(chart, undefined);
});
addEventListener('pointerover', ({ target }) => {
	const bar = target.closest?.('.bar');
	if (bar) choose(chartOf(bar), bar);
});
addEventListener('pointerout', ({ target, relatedTarget }) => {
	const chart = chartOf(target);
	if (chart && !chart.contains(relatedTarget) && document.activeElement !== readoutOf(chart)) choose(chart, undefined);
});

const prepareAll = () => {
	for (const chart of document.querySelectorAll('.chart')) prepare(chart);
};
prepareAll();
new MutationObserver(prepareAll).observe(document.getElementById('content'), { childList: true, subtree: true });
