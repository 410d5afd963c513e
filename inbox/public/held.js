/** Whether the reader is at work on a part of the page, which then must not move under the hand. */
export function isHeld(element) {
	return (
		window.scrollY > 0 ||
		getSelection()?.isCollapsed === false ||
		element.matches(':hover') ||
		element.contains(document.activeElement) ||
		element.querySelector('details[open]') !== null
	);
}
