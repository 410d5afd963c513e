const assert = require('node:assert/strict');

/** Names that an imported CommonJS module has beside its exports. */
const OF_COMMONJS = ['default', 'module.exports', '__esModule'];

/** Loads one entry point in both ways; its name is the argument. */
async function main(specifier) {
	if (specifier.endsWith('.json')) {
		const imported = await import(specifier, { with: { type: 'json' } });
		assert.deepEqual(imported.default, require(specifier));
		return;
	}
	const required = require(specifier);
	const names = Object.keys(required).sort();
	assert.notEqual(names.length, 0, 'it exports nothing');
	const imported = await import(specifier);
	const importable = Object.keys(imported).filter((name) => !OF_COMMONJS.includes(name));
	assert.deepEqual(importable, names, 'not every export can be imported by name');
	for (const name of names) assert.equal(imported[name], required[name], `${name} exists twice`);
	console.log(names.join(', '));
}

main(process.argv[2]);
