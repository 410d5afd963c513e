import GithubSlugger from 'github-slugger';
import { type EntryPoint, type Export, entryPoints } from './entry-points.js';
import { constructorOf, type Member, membersOf } from './members.js';
import { hiddenUnion, signatureOf } from './signature.js';
import { type TsDoc, tsDocOf } from './tsdoc.js';

/** Anchors by the name of an export; of two with one name the first counts. */
type Anchors = ReadonlyMap<string, string>;

/**
 * The API reference of the package as Markdown: for each entry point its exports, each with signature and TSDoc.
 *
 * @param root - folder of the package, which has to be built
 */
export function apiReference(root: string): string {
	const entries = entryPoints(root);
	const anchors = anchorsOf(entries);
	const blocks = [
		'<!-- Made by `npm run docs` from the TSDoc in lib/. Change it there. -->',
		'# API',
		'Everything that the entry points of the package export. [Options](options.md) and [errors](errors.md) have pages of ' +
			'their own.',
		...entries.map((entry) => contents(entry, anchors)),
		...entries.flatMap((entry) => [`## \`${entry.specifier}\``, ...entry.exports.flatMap(section)]),
	];
	return `${blocks.map((block) => withLinks(block, anchors)).join('\n\n')}\n`;
}

function anchorsOf(entries: readonly EntryPoint[]): Anchors {
	const slugger = new GithubSlugger();
	slugger.slug('API');
	const anchors = new Map<string, string>();
	for (const { specifier, exports } of entries) {
		anchors.set(specifier, slugger.slug(specifier));
		for (const { name } of exports) {
			const slug = slugger.slug(name);
			if (!anchors.has(name)) anchors.set(name, slug);
		}
	}
	return anchors;
}

function contents({ specifier, exports }: EntryPoint, anchors: Anchors): string {
	const links = exports.map(({ name }) => `[\`${name}\`](#${anchors.get(name)})`);
	return `[\`${specifier}\`](#${anchors.get(specifier)}): ${links.join(', ')}`;
}

function section({ name, declaration }: Export): string[] {
	const made = constructorOf(name, declaration);
	const words = hiddenUnion(declaration);
	const members = membersOf(declaration);
	return [
		`### \`${name}\``,
		fence('ts declaration', signatureOf(name, declaration)),
		...described(tsDocOf(declaration)),
		...(words.length > 0 ? [`One of: ${words.map((word) => `\`${word}\``).join(', ')}.`] : []),
		...(made ? [fence('ts declaration', made.signature), ...described(made.doc)] : []),
		...(members.length > 0 ? [table(members)] : []),
	];
}

function described({ summary, params, returns, throws, examples }: TsDoc): string[] {
	const lines = [
		...params.map(({ name, text }) => `- \`${name}\`: ${text}`),
		...(returns === undefined ? [] : [`- returns ${returns}`]),
		...throws.map((text) => `- throws ${text}`),
	];
	return [
		...(summary === '' ? [] : [summary]),
		...(lines.length === 0 ? [] : [lines.map((line) => line.replaceAll('\n', ' ')).join('\n')]),
		...examples.map((code) => fence('ts', code)),
	];
}

function table(members: readonly Member[]): string {
	const rows = members.map(({ name, type, doc }) => {
		const texts = [doc.summary, ...doc.params.map((param) => `\`${param.name}\`: ${param.text}`), doc.returns];
		const meaning = texts.filter((text) => text).join(' ');
		return `| \`${cell(name)}\` | \`${cell(type)}\` | ${cell(meaning)} |`;
	});
	return ['| member | type | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function cell(text: string): string {
	return text.replace(/\s*\n\s*/g, ' ').replaceAll('|', '\\|');
}

function fence(info: string, code: string): string {
	return `\`\`\`${info}\n${code}\n\`\`\``;
}

function withLinks(markdown: string, anchors: Anchors): string {
	return markdown.replace(/\{@link (\w+)\}/g, (_, name: string) => {
		const anchor = anchors.get(name);
		if (anchor === undefined) throw new Error(`{@link ${name}} leads to nothing that is exported`);
		return `[\`${name}\`](#${anchor})`;
	});
}
