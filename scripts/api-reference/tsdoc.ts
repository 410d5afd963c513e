import { type JSDoc, type JSDocableNode, Node } from 'ts-morph';

/** What a TSDoc comment says. Texts are Markdown; `{@link …}` is left to whoever knows the anchors. */
export interface TsDoc {
	readonly summary: string;
	readonly params: readonly { readonly name: string; readonly text: string }[];
	readonly returns: string | undefined;
	readonly throws: readonly string[];
	/** Code. */
	readonly examples: readonly string[];
}

/** Reads the TSDoc of a declaration; an absent one is an empty one. */
export function tsDocOf(node: Node): TsDoc {
	// a constant's comment belongs to its statement
	const documented = Node.isVariableDeclaration(node) ? node.getVariableStatementOrThrow() : node;
	const doc = Node.isJSDocable(documented) ? lastOf(documented) : undefined;
	const tags = (doc?.getTags() ?? []).map((tag) => ({
		name: tag.getTagName(),
		param: Node.isJSDocParameterTag(tag) ? tag.getName() : '',
		text: (tag.getCommentText() ?? '').trim(),
	}));
	const texts = (...names: string[]) => tags.filter(({ name }) => names.includes(name)).map(({ text }) => text);
	return {
		summary: doc?.getDescription().trim() ?? '',
		params: tags
			.filter(({ name }) => name === 'param')
			.map(({ param, text }) => ({ name: param, text: withoutDash(text) })),
		returns: texts('returns')[0],
		throws: texts('throws'),
		examples: texts('example'),
	};
}

function lastOf(node: JSDocableNode): JSDoc | undefined {
	return node.getJsDocs().at(-1);
}

/** TSDoc puts a hyphen between the name of a parameter and what is said of it. */
function withoutDash(text: string): string {
	return text.replace(/^-\s+/, '');
}
