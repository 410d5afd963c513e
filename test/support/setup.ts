import { takeCoverage } from 'node:v8';
import fc from 'fast-check';

const runs = process.env['PROPERTY_RUNS'];

// `npm run fuzz` sets more than every run of the tests can afford, which also spend only so long on shrinking a failure
fc.configureGlobal(runs === undefined ? { numRuns: 100, interruptAfterTimeLimit: 30_000 } : { numRuns: Number(runs) });

/** Writes the coverage of each file's tests: mocha kills the processes in which it runs them in parallel. */
export const mochaHooks = { afterAll: takeCoverage };
