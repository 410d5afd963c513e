/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from 'preact';
import { Link } from './page-info.js';
import { Text } from './text.js';

/** A column of a list. */
export interface Column<Row> {
	readonly name: string;
	/** The content of a cell; `null` if it is empty. */
	cell(row: Row): ComponentChildren;
}

/** A table with a header. On narrow screens each row becomes a block, with the column names as labels. */
export function List<Row>({ kind = '', columns, rows }: ListProps<Row>): JSX.Element {
	return (
		<table class={`list ${kind}`}>
			<thead>
				<tr>
					{columns.map(({ name }) => (
						<th scope="col" key={name}>
							{name}
						</th>
					))}
				</tr>
			</thead>
			<tbody>
				{rows.map((row, index) => (
					<tr key={index}>
						{columns.map(({ name, cell }) => {
							const content = cell(row);
							return (
								<td data-label={name} class={content === null ? 'none' : undefined} key={name}>
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

/** Links to the other pages of a list. */
export function Paging({ newest, older }: { newest?: string | undefined; older?: string | undefined }): JSX.Element {
	return (
		<nav class="paging" aria-label="Pages of the list">
			{newest !== undefined && (
				<Link class="button" href={newest}>
					Newest
				</Link>
			)}
			{older !== undefined && (
				<Link class="button" rel="next" href={older}>
					Older
				</Link>
			)}
		</nav>
	);
}
