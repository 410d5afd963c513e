const assert = require('node:assert/strict');

// what exports does not name is free to change
assert.throws(() => require('mm7-delivery-reports/dist/index.js'), { code: 'ERR_PACKAGE_PATH_NOT_EXPORTED' });
