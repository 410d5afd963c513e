import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type Literal, type NewExpression, type Node, parse } from 'acorn';
import { expect } from 'chai';
import { check } from 'recheck';

// runs in this process, since a separate one would outlive the tests
process.env['RECHECK_BACKEND'] = 'pure';

/** The compiled files of all code that reads untrusted input. */
const COMPILED = ['dist', 'inbox/dist'].map((folder) => path.join(__dirname, '..', folder));

interface Expression {
	readonly file: string;
	readonly source: string;
	readonly flags: string;
}

function compiledFiles(): string[] {
	return COMPILED.filter((folder) => existsSync(folder)).flatMap((folder) =>
		readdirSync(folder, { recursive: true, encoding: 'utf8' })
			.filter((file) => file.endsWith('.js'))
			.map((file) => path.join(folder, file)),
	);
}

/** Every regular expression in a file: its literals, and those created with `new RegExp` while it loads. */
function expressionsIn(file: string): Expression[] {
	const literals: Expression[] = [];
	let constructed = 0;
	for (const node of nodesIn(parse(readFileSync(file, 'utf8'), { ecmaVersion: 'latest', sourceType: 'script' }))) {
		const { regex } = node as Literal;
		if (regex) literals.push({ file, source: regex.pattern, flags: regex.flags });
		const { callee } = node as NewExpression;
		if (callee?.type === 'Identifier' && callee.name === 'RegExp') constructed++;
	}
	const made = constructed === 0 ? [] : constructedBy(file);
	expect(made, `${file}: every RegExp is made of constants when the file is loaded`).to.have.length(constructed);
	return [...literals, ...made];
}

function* nodesIn(value: unknown): Generator<Node> {
	if (typeof value !== 'object' || value === null) return;
	if ('type' in value) yield value as Node;
	for (const inner of Object.values(value)) yield* nodesIn(inner);
}

function constructedBy(file: string): Expression[] {
	const made: Expression[] = [];
	const original = globalThis.RegExp;
	require(file); // loads its imports first, so that only its own expressions are recorded below
	delete require.cache[file];
	globalThis.RegExp = new Proxy(original, {
		construct(target, [source, flags = '']: [string, string?]) {
			made.push({ file, source, flags });
			return new target(source, flags);
		},
	});
	try {
		require(file);
	} finally {
		globalThis.RegExp = original;
	}
	return made;
}

/** Checks whether the time of an expression can grow faster than its input. */
async function judge({ source, flags }: Pick<Expression, 'source' | 'flags'>): Promise<string> {
	// a check that times out counts as vulnerable, and a busy machine is slow
	const patience = { timeout: 300_000, incubationTimeout: 60_000, attackTimeout: 60_000 };
	const { status } = await check(source, flags, patience);
	return status;
}

describe('regular expressions', () => {
	it('are flagged if they are known to be quadratic', async () => {
		for (const source of [String.raw`\s*>$`, String.raw`^(\w+\s?)*$`]) {
			expect(await judge({ source, flags: '' }), source).to.equal('vulnerable');
		}
	});

	it('run in linear time', async function () {
		this.timeout(600_000);
		const expressions = compiledFiles().flatMap(expressionsIn);
		expect(expressions.some(({ file }) => file.endsWith(path.join('mm7', 'date.js')))).to.equal(true);
		const bad: string[] = [];
		for (const expression of expressions) {
			const status = await judge(expression);
			if (status !== 'safe') bad.push(`${expression.file}: ${status} /${expression.source}/${expression.flags}`);
		}
		expect(bad).to.deep.equal([]);
	});
});
