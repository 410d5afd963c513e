/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';

/** Control and format characters: those that hide text, turn its direction, or end a line unseen. */
const INVISIBLE = /([\p{Cc}\p{Cf}\p{Zl}\p{Zp}])/u;
const LINE_ENDS_AND_TABS = /([^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}])/u;
/** Longest id that is shown whole: about two lines. */
const TWO_LINES = 60;

/**
 * Text of a report, as text: never markup, and with every character that would not be seen named. Its direction ends
 * where it ends.
 *
 * @param lines - keeps line ends and tabs, for a block of text
 */
export function Text({ children, lines = false }: { children: string; lines?: boolean }): JSX.Element {
	// split() puts what was found between the rest
	const parts = children.split(lines ? LINE_ENDS_AND_TABS : INVISIBLE);
	return (
		<bdi>{parts.map((part, index) => (index % 2 === 0 ? part : <span class="invisible">{codePoint(part)}</span>))}</bdi>
	);
}

/** An id of any length: cut to about two lines, and whole when asked for. */
export function Long({ children }: { children: string }): JSX.Element {
	if (children.length <= TWO_LINES) return <Text>{children}</Text>;
	return (
		<details class="long">
			<summary>
				<Text>{`${children.slice(0, TWO_LINES)}…`}</Text>
			</summary>
			<Text>{children}</Text>
		</details>
	);
}

/** The same for a place that takes no markup, such as the title of a page. */
export function plainText(text: string): string {
	return text
		.split(INVISIBLE)
		.map((part, index) => (index % 2 === 0 ? part : codePoint(part)))
		.join('');
}

function codePoint(character: string): string {
	return `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
}
