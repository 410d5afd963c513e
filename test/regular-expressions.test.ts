import { join, relative } from 'node:path';
import { expect } from 'chai';
import { check } from 'recheck';
import { Node, Project, type SourceFile } from 'ts-morph';

// in this process, without another that would outlive the tests
process.env['RECHECK_BACKEND'] = 'pure';

const ROOT = join(__dirname, '..');
/** Everything that reads what a stranger sends. */
const SOURCES = ['lib/**/*.ts', 'examples/**/*.{ts,js}', '!examples/**/{node_modules,test,dist}/**'];
/** The parts that are written once and stand in several: `${ZONE}`. */
const PART = /\$\{(\w+)\}/g;

interface Expression {
	/** Where it stands, to be found by whoever reads the failure. */
	readonly place: string;
	readonly source: string;
	readonly flags: string;
}

/** Every regular expression of a file: literals, and those that `new RegExp` makes of constants. */
function expressionsIn(file: SourceFile): Expression[] {
	return file.getDescendants().flatMap((node) => {
		const place = `${relative(ROOT, file.getFilePath())}:${node.getStartLineNumber()}`;
		if (Node.isRegularExpressionLiteral(node)) {
			const literal = node.getLiteralText();
			const end = literal.lastIndexOf('/');
			return [{ place, source: literal.slice(1, end), flags: literal.slice(end + 1) }];
		}
		if (!(Node.isNewExpression(node) || Node.isCallExpression(node)) || node.getExpression().getText() !== 'RegExp') {
			return [];
		}
		const [source, flags] = node.getArguments().map((argument) => constant(file, argument, place));
		return [{ place, source: source ?? '', flags: flags ?? '' }];
	});
}

/** The text of an argument that can be known without running anything: `'i'`, String.raw`^a${PART}$`. */
function constant(file: SourceFile, node: Node, place: string): string {
	if (Node.isStringLiteral(node)) return node.getLiteralText();
	if (Node.isTaggedTemplateExpression(node) && node.getTag().getText() === 'String.raw') {
		return node
			.getTemplate()
			.getText()
			.slice(1, -1)
			.replace(PART, (_, name: string) => {
				return constant(file, file.getVariableDeclarationOrThrow(name).getInitializerOrThrow(), place);
			});
	}
	throw new Error(`${place}: nobody can judge a regular expression that is made at run time`);
}

/** Whether the time that an expression takes may grow faster than its input. */
async function judge({ source, flags }: Pick<Expression, 'source' | 'flags'>): Promise<string> {
	const { status } = await check(source, flags, { timeout: 60_000 });
	return status;
}

describe('regular expressions', () => {
	it('are found by their judge to be quadratic where they are', async () => {
		for (const source of [String.raw`\s*>$`, String.raw`^(\w+\s?)*$`]) {
			expect(await judge({ source, flags: '' }), source).to.equal('vulnerable');
		}
	});

	it('are linear, all of them', async function () {
		this.timeout(120_000);
		const project = new Project({ skipAddingFilesFromTsConfig: true, compilerOptions: { allowJs: true } });
		const expressions = project
			.addSourceFilesAtPaths(SOURCES.map((glob) => glob.replace(/^(!?)/, `$1${ROOT}/`)))
			.flatMap(expressionsIn);
		expect(expressions.some(({ place }) => place.startsWith('lib/mm7/date.ts'))).to.equal(true);
		expect(expressions.some(({ place }) => place.startsWith('examples/'))).to.equal(true);
		const bad: string[] = [];
		for (const expression of expressions) {
			const status = await judge(expression);
			if (status !== 'safe') bad.push(`${expression.place}: ${status} /${expression.source}/${expression.flags}`);
		}
		expect(bad).to.deep.equal([]);
	});
});
