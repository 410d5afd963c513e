import { takeCoverage } from 'node:v8';
import fc from 'fast-check';

// short enough for every test run; also limits the time for shrinking a failure
fc.configureGlobal({ numRuns: 100, interruptAfterTimeLimit: 30_000 });

/** Writes the coverage of each file's tests: mocha kills the processes in which it runs them in parallel. */
export const mochaHooks = { afterAll: takeCoverage };
