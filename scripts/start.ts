import { execFileSync } from 'node:child_process';
import path from 'node:path';

/**
 * `npm start`: builds, then becomes the script that is named. npm passes SIGTERM on to its own child and no further, so the scripts of
 * package.json replace the shell by this process (`exec`; the half behind `||` is for Windows, which has none).
 */
const [script = ''] = process.argv.slice(2);
execFileSync(process.execPath, ['--import', 'tsx', path.join(__dirname, 'build.ts')], { stdio: 'inherit' });

require(path.join(__dirname, '..', script));
