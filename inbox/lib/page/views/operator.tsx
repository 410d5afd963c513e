/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { operatorName } from '../../operators.js';
import { PageContext } from './page-info.js';
import { Text } from './text.js';

/** An operator: its name, if it has one, and its id. */
export function Operator({ id }: { id: string }): JSX.Element {
	const name = operatorName(useContext(PageContext).operators, id);
	if (name === undefined) return <Text>{id}</Text>;
	return (
		<span title={`Operator ${id}`}>
			{name} <small>{id}</small>
		</span>
	);
}
