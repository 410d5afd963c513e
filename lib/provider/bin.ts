#!/usr/bin/env node
import { main } from './cli.js';

const interruption = new AbortController();
// only once: a second Ctrl-C kills the process
process.once('SIGINT', () => interruption.abort());

main(process.argv.slice(2), {
	stdout: process.stdout,
	stderr: process.stderr,
	interrupted: interruption.signal,
}).then((code) => {
	process.exitCode = code;
});
