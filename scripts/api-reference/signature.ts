import {
	type FunctionTypeNode,
	Node,
	type ParameterDeclaration,
	type ParameteredNode,
	type TypeParameteredNode,
} from 'ts-morph';

/** Longest list of parameters on one line. */
const WIDTH = 80;

/** The declaration of an export as a user would write it, without comments and members. */
export function signatureOf(name: string, node: Node): string {
	if (Node.isFunctionDeclaration(node)) {
		return `function ${name}${callable(node)}: ${oneLine(node.getReturnTypeNodeOrThrow())};`;
	}
	if (Node.isClassDeclaration(node)) return `class ${name}${heritage(node.getExtends())}`;
	if (Node.isInterfaceDeclaration(node))
		return `interface ${name}${typeParameters(node)}${heritage(...node.getExtends())}`;
	if (Node.isTypeAliasDeclaration(node)) {
		const type = node.getTypeNodeOrThrow();
		const text = Node.isFunctionTypeNode(type) ? functionType(type) : oneLine(type);
		return `type ${name}${typeParameters(node)} = ${text};`;
	}
	if (Node.isVariableDeclaration(node)) return `const ${name}: ${node.getType().getText(node)};`;
	throw new Error(`${name} is a ${node.getKindName()}, which no page can show yet`);
}

/** How a class is made. */
export function constructorSignature(name: string, node: ParameteredNode): string {
	return `new ${name}${parameters(node)}`;
}

/** The words of a union that the source does not spell out, such as `keyof typeof ERRORS`. */
export function hiddenUnion(node: Node): string[] {
	if (!Node.isTypeAliasDeclaration(node) || !Node.isTypeOperatorTypeNode(node.getTypeNodeOrThrow())) return [];
	return node
		.getType()
		.getUnionTypes()
		.map((type) => String(type.getLiteralValueOrThrow()));
}

/** A node on one line. */
export function oneLine(node: Node): string {
	return node.getText().replace(/\s*\n\s*/g, ' ');
}

function functionType(type: FunctionTypeNode): string {
	return `${callable(type)} => ${oneLine(type.getReturnTypeNodeOrThrow())}`;
}

function callable(node: ParameteredNode & TypeParameteredNode): string {
	return typeParameters(node) + parameters(node);
}

function typeParameters(node: TypeParameteredNode): string {
	const texts = node.getTypeParameters().map(oneLine);
	return texts.length === 0 ? '' : `<${texts.join(', ')}>`;
}

function parameters(node: ParameteredNode): string {
	const texts = node.getParameters().map(parameterText);
	const line = `(${texts.join(', ')})`;
	return line.length <= WIDTH ? line : `(\n${texts.map((text) => `\t${text},\n`).join('')})`;
}

/** A parameter that is taken apart in the code has a name for its user all the same. */
export function parameterText(parameter: ParameterDeclaration): string {
	const pattern = parameter.getNameNode();
	const text = oneLine(parameter);
	return Node.isObjectBindingPattern(pattern) ? text.replace(oneLine(pattern), 'options') : text;
}

function heritage(...bases: readonly (Node | undefined)[]): string {
	const texts = bases.filter((base) => base !== undefined).map(oneLine);
	return texts.length === 0 ? '' : ` extends ${texts.join(', ')}`;
}
