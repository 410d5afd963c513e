import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { apiReference } from './api-reference/page.js';

/** `npm run docs`: writes docs/api.md from the declarations in dist. */
const root = path.join(__dirname, '..');
writeFileSync(path.join(root, 'docs', 'api.md'), apiReference(root));
