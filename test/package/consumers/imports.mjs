import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import * as imported from 'mm7-delivery-reports';
import * as testing from 'mm7-delivery-reports/testing';

/** Names that an imported CommonJS module has beside its exports. */
const OF_COMMONJS = ['default', 'module.exports', '__esModule'];

const require = createRequire(import.meta.url);
for (const [specifier, module] of Object.entries({
	'mm7-delivery-reports': imported,
	'mm7-delivery-reports/testing': testing,
})) {
	const required = require(specifier);
	const names = Object.keys(module).filter((name) => !OF_COMMONJS.includes(name));
	assert.deepEqual(names, Object.keys(required).sort(), `${specifier}: each export can be imported by name`);
	for (const name of names) assert.equal(module[name], required[name], `${specifier}: ${name} exists once`);
}
// what exports does not name is free to change
assert.throws(() => require('mm7-delivery-reports/dist/index.js'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
