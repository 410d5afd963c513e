/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from 'preact';

/** Matches runs of control and format characters, which hide text, change its direction or break lines invisibly. */
const INVISIBLE = /([\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+)/u;
const INVISIBLE_IN_BLOCK = /((?:[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}])+)/u;
/** The length in characters at which text is truncated, so that no report makes a page slow. */
const MAX_LENGTH = 250;
/** The same for text that the user asked for. */
const MAX_WHOLE_LENGTH = 10_000;
/** Lists truncate ids at this length. */
const MAX_COPYABLE_LENGTH = 200;
/** The length that a run of invisible characters counts as. */
const RUN_LENGTH = 20;
/** The number of characters of a run to name. */
const MAX_NAMED = 3;
/** The length at which an id is collapsed: about two lines. */
const MAX_UNFOLDED_LENGTH = 60;

/**
 * Text from a report, never interpreted as markup. Invisible characters are shown as code points. Text that is too long
 * for a page is truncated with `…`. Its direction does not affect the surrounding text.
 */
export function Text({ children, lines = false, whole = lines }: TextProps): JSX.Element {
	const html = htmlOf(children, lines ? INVISIBLE_IN_BLOCK : INVISIBLE, whole ? MAX_WHOLE_LENGTH : MAX_LENGTH);
	// escaped here, because an element for each run would cost Preact ten times as much
	return <bdi dangerouslySetInnerHTML={{ __html: html }} />;
}

interface TextProps {
	readonly children: string;
	/** Keeps line breaks and tabs, for a block of text. Default: false. */
	readonly lines?: boolean;
	/** Allows longer text, if the user asked for it. */
	readonly whole?: boolean;
}

/** An id of any length, truncated to about two lines and expandable. */
export function Long({ children }: { children: string }): JSX.Element {
	if (children.length <= MAX_UNFOLDED_LENGTH) return <Text>{children}</Text>;
	return (
		<details class="long">
			<summary>
				<Text>{`${children.slice(0, MAX_UNFOLDED_LENGTH)}…`}</Text>
			</summary>
			<Text whole>{children}</Text>
		</details>
	);
}

/** An id that public/copy.js adds a button to. An incomplete or garbled one cannot be copied from the page. */
export function Copyable({ text, children }: CopyableProps): JSX.Element {
	const id = text ?? String(children);
	const isExact = id !== '' && id.length < MAX_COPYABLE_LENGTH && plainText(id) === id;
	return <span data-copy={isExact ? id : undefined}>{text === undefined ? <Text>{id}</Text> : children}</span>;
}

interface CopyableProps {
	/** Default: the content, which is a string then. */
	readonly text?: string;
	readonly children: ComponentChildren;
}

/** The same for places without markup, such as a page's title. */
export function plainText(text: string): string {
	return text
		.slice(0, MAX_LENGTH)
		.split(INVISIBLE)
		.map((part, index) => (index % 2 === 0 ? part : nameOf(part)))
		.join('');
}

function htmlOf(text: string, invisible: RegExp, maxLength: number): string {
	let html = '';
	let left = maxLength;
	// split() alternates between text and invisible runs
	for (const [index, part] of text.slice(0, maxLength).split(invisible).entries()) {
		if (index % 2 === 0) html += escapeHtml(part.slice(0, left));
		else if (left >= RUN_LENGTH) html += `<span class="invisible">${nameOf(part)}</span>`;
		left -= index % 2 === 0 ? part.length : RUN_LENGTH;
		if (left < 0) break;
	}
	return left < 0 || text.length > maxLength ? `${html}…` : html;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
	return text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}

/** The code points of a run; for a long one, the first few and the number of the rest. */
function nameOf(run: string): string {
	const characters = Array.from(run);
	const names = characters.slice(0, MAX_NAMED).map(codePoint).join(' ');
	return characters.length > MAX_NAMED ? `${names} and ${characters.length - MAX_NAMED} more` : names;
}

function codePoint(character: string): string {
	return `U+${character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')}`;
}
