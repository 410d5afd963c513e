import {
	type Command,
	ExitCode,
	optionLines,
	parseCommandLine,
	printable,
	readDestination,
	readHeaders,
	readTime,
	toJson,
} from '../command-line.js';
import { conformanceChecks } from './conformance-checks.js';
import { targetAt } from './target.js';

const OPTIONS = {
	user: { type: 'string', value: 'U:P', help: 'credentials for HTTP Basic' },
	header: { type: 'string', multiple: true, value: '"N: V"', help: 'a header of every request; can be repeated' },
	timeout: { type: 'string', value: 'TIME', default: '10s', help: 'for a response: 500ms, 10s or 5m' },
	json: { type: 'boolean', help: 'print one JSON object per line' },
} as const;

/** The command `check`. */
export const check: Command = {
	summary: 'runs the numbered conformance checks against a receiver',
	help: `Usage: mm7-delivery-reports check URL [options]

Sends requests to URL and checks the responses against TS 23.140, SOAP 1.1 and the rules of Sinch.
The receiver must accept every report that it can read, so never check one in production.

${optionLines(OPTIONS)}

Exit codes: 0 if all checks pass, 1 if one fails, 2 for wrong arguments.`,
	async run(args, { stdout }) {
		const { argument, values } = parseCommandLine(args, 'URL', OPTIONS);
		const { url, authorization } = readDestination(argument, values.user);
		const credentials = authorization === undefined ? {} : { Authorization: authorization };
		const headers = { ...credentials, ...readHeaders(values.header) };
		const target = targetAt(url, headers, readTime('timeout', values.timeout));
		let exitCode: number = ExitCode.OK;
		for (const { id, level, clause, title, run } of conformanceChecks) {
			const reason = await run(target).then(
				() => undefined,
				({ message }: Error) => message,
			);
			const passed = reason === undefined;
			if (!passed) exitCode = ExitCode.FAILED;
			const line = `${passed ? 'ok  ' : 'FAIL'} ${id} ${level.padEnd(6)} ${title} (${clause})${passed ? '' : `: ${reason}`}`;
			stdout.write(`${values.json ? toJson({ id, level, clause, title, passed, reason }) : printable(line)}\n`);
		}
		return exitCode;
	},
};
