import { execFileSync } from 'node:child_process';
import path from 'node:path';

/**
 * `npm start`: builds, then becomes the script that is named. npm passes SIGTERM on to its own child and no further, so the scripts of
 * package.json replace the shell by this process (`exec`; the half behind `||` is for Windows, which has none).
 */
const [script = ''] = process.argv.slice(2);
const root = path.join(__dirname, '..');
const compiler = path.join(path.dirname(require.resolve('typescript/package.json')), 'bin/tsc');
execFileSync(process.execPath, [compiler, '-p', path.join(root, 'tsconfig.build.json')], { stdio: 'inherit' });

require(path.join(root, script));
