import { Node } from 'ts-morph';
import { constructorSignature, oneLine, parameterText } from './signature.js';
import { type TsDoc, tsDocOf } from './tsdoc.js';

/** A line of the table of an interface or a class. */
export interface Member {
	/** With `?` where it may be left out. */
	readonly name: string;
	readonly type: string;
	readonly doc: TsDoc;
}

/** The members of an interface or class in their own order; none of anything else. */
export function membersOf(node: Node): Member[] {
	if (!Node.isInterfaceDeclaration(node) && !Node.isClassDeclaration(node)) return [];
	return node.getMembers().flatMap((member): Member[] => {
		const doc = tsDocOf(member);
		if (Node.isPropertySignature(member) || Node.isPropertyDeclaration(member)) {
			// declarations show that there is something private, as `#private`
			if (Node.isPrivateIdentifier(member.getNameNode())) return [];
			const optional = member.hasQuestionToken();
			const type = oneLine(member.getTypeNodeOrThrow());
			// what may be left out may be undefined
			const short = optional ? type.replace(/ \| undefined$/, '') : type;
			return [{ name: member.getName() + (optional ? '?' : ''), type: short, doc }];
		}
		if (Node.isMethodSignature(member) || Node.isMethodDeclaration(member)) {
			const params = member.getParameters().map(parameterText).join(', ');
			return [{ name: `${member.getName()}(${params})`, type: oneLine(member.getReturnTypeNodeOrThrow()), doc }];
		}
		return [];
	});
}

/** How an instance is made, with its TSDoc; nothing of what is no class. */
export function constructorOf(name: string, node: Node): { signature: string; doc: TsDoc } | undefined {
	const made = Node.isClassDeclaration(node) ? node.getConstructors()[0] : undefined;
	return made && { signature: constructorSignature(name, made), doc: tsDocOf(made) };
}
