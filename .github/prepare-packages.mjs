// Usage, in the root of the repository: node .github/prepare-packages.mjs https://github.com/OWNER/NAME v1.2.3
//
// Writes into both packages where they come from, and makes the links in their READMEs work outside the repository.
import { readFileSync, writeFileSync } from 'node:fs';

const [repository, tag] = process.argv.slice(2);

for (const folder of ['.', 'inbox']) {
	const address = (view, path) => new URL(path, `${repository}/${view}/${tag}/${folder}/`).href;

	edit(`${folder}/package.json`, (text) => {
		const manifest = {
			...JSON.parse(text),
			repository: { type: 'git', url: `git+${repository}.git`, directory: folder },
			homepage: address('blob', 'README.md'),
			bugs: `${repository}/issues`,
		};
		return `${JSON.stringify(manifest, null, '\t')}\n`;
	});

	edit(`${folder}/README.md`, (text) =>
		text.replace(/(!?)(\[[^\]]*\])\((?!https?:|mailto:|#)([^)\s]+)\)/g, (_link, image, label, path) => {
			return `${image}${label}(${address(image ? 'raw' : 'blob', path)})`;
		}),
	);
}

function edit(file, change) {
	writeFileSync(file, change(readFileSync(file, 'utf8')));
}
