import {
	type Command,
	ExitCode,
	onlyArgument,
	optionLines,
	parseOptions,
	printable,
	readDestination,
	readHeaders,
	readTime,
	toJson,
} from '../command-line.js';
import { runConformance } from './run-checks.js';

const OPTIONS = {
	user: { value: 'U:P', help: 'credentials for HTTP Basic' },
	header: { value: '"N: V"', help: 'a header of every request; can be repeated' },
	timeout: { value: 'TIME', default: '10s', help: 'for a response, as 500ms, 10s or 5m' },
	json: { help: 'one JSON object per line' },
};

/** The command `check`. */
export const check: Command = {
	summary: 'runs the numbered conformance checks against a receiver',
	help: `Usage: mm7-delivery-reports check URL [options]

Sends requests to the receiver at URL and judges its responses by TS 23.140, SOAP 1.1 and the rules of Sinch.
The receiver must accept every report that it can read: never check one in production.

${optionLines(OPTIONS)}

Exit codes: 0 if all checks pass, 1 if one fails, 2 for wrong arguments.`,
	async run(args, { stdout }) {
		const { values, positionals } = parseOptions({
			args: [...args],
			allowPositionals: true,
			options: {
				user: { type: 'string' },
				header: { type: 'string', multiple: true },
				timeout: { type: 'string', default: OPTIONS.timeout.default },
				json: { type: 'boolean' },
			},
		});
		const { url, authorization } = readDestination(onlyArgument(positionals, 'URL'), values.user);
		const headers = {
			...(authorization !== undefined && { Authorization: authorization }),
			...readHeaders(values.header),
		};
		const results = runConformance(url, { headers, timeout: readTime('timeout', values.timeout) });
		let failed = 0;
		for await (const { check, passed, reason } of results) {
			if (!passed) failed++;
			const { id, level, clause, title } = check;
			const line = `${passed ? 'ok  ' : 'FAIL'} ${id} ${level.padEnd(6)} ${title} (${clause})${passed ? '' : `: ${reason}`}`;
			stdout.write(`${values.json ? toJson({ id, level, clause, title, passed, reason }) : printable(line)}\n`);
		}
		return failed > 0 ? ExitCode.FAILED : ExitCode.OK;
	},
};
