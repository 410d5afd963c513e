/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from 'preact';
import { Link } from './page-info.js';
import { Text } from './text.js';

/** A column of a list. */
export interface Column<Row> {
	readonly name: string;
	/** A CSS class for its width. */
	readonly kind?: string;
	/** The content of a cell; `null` if it is empty. */
	cell(row: Row): ComponentChildren;
}

/** A table with a header. On narrow screens each row becomes a block, with the column names as labels. */
export function List<Row>({ kind = '', columns, rows }: ListProps<Row>): JSX.Element {
	return (
		<table class={`list ${kind}`}>
			<thead>
				<tr>
					{columns.map(({ name, kind }) => (
						<th scope="col" class={kind} key={name}>
							{name}
						</th>
					))}
				</tr>
			</thead>
			<tbody>
				{rows.map((row, index) => (
					<tr key={index}>
						{columns.map(({ name, kind, cell }) => {
							const content = cell(row);
							return (
								<td data-label={name} class={content === null ? `${kind ?? ''} none` : kind} key={name}>
									{content}
								</td>
							);
						})}
					</tr>
				))}
			</tbody>
		</table>
	);
}

interface ListProps<Row> {
	/** A CSS class for the widths of the columns. */
	readonly kind?: string;
	readonly columns: readonly Column<Row>[];
	readonly rows: readonly Row[];
}

/** Up to two lines of text. */
export function clamped(text: string | null): JSX.Element | null {
	return text ? (
		<span class="clamp">
			<Text>{text}</Text>
		</span>
	) : null;
}

/** Links to the pages before and after this one. */
export function Paging({
	newer,
	older,
}: {
	newer?: string | undefined;
	older?: string | undefined;
}): JSX.Element | null {
	if (newer === undefined && older === undefined) return null;
	return (
		<nav class="paging" aria-label="Pages of the list">
			<PageLink href={newer} rel="prev" name="Newer" />
			<PageLink href={older} rel="next" name="Older" />
		</nav>
	);
}

function PageLink({ href, rel, name }: { href: string | undefined; rel: string; name: string }): JSX.Element {
	if (href !== undefined) {
		return (
			<Link class="button" rel={rel} href={href}>
				{name}
			</Link>
		);
	}
	return <span class="button off">{name}</span>;
}
