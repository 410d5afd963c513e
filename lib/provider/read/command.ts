import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Exchange, mm7DeliveryReports } from '../../index.js';
import {
	type Command,
	ExitCode,
	optionLines,
	parseCommandLine,
	printable,
	readHeaders,
	toJson,
	UsageError,
} from '../command-line.js';
import { type RecordedRequest, readRecording } from './recorded-request.js';

const OPTIONS = {
	header: { type: 'string', multiple: true, value: '"N: V"', help: 'such as Content-Type; can be repeated' },
	json: { type: 'boolean', help: 'print one JSON object' },
} as const;

/** The command `read`. */
export const read: Command = {
	summary: 'prints how the receiver reads a recorded request, or why it rejects it',
	help: `Usage: mm7-delivery-reports read FILE [options]

FILE is a recorded request: request line, headers, an empty line and the body; or a body alone.
It is sent to a receiver in this process. Nothing leaves the machine.

${optionLines(OPTIONS)}

Exit codes: 0 if the report is accepted, 1 if the request is rejected, 2 for wrong arguments.

Example: mm7-delivery-reports read body.xml --header "Content-Type: text/xml; charset=gb2312"`,
	async run(args, { stdout }) {
		const { argument, values } = parseCommandLine(args, 'FILE', OPTIONS);
		const headers = readHeaders(values.header);
		const file = await readFile(argument).catch(({ message }: Error) => {
			throw new UsageError(message);
		});
		const result = await receive(readRecording(file, headers));
		stdout.write(values.json ? `${toJson(result)}\n` : printable(describe(result)));
		return result.error === undefined ? ExitCode.OK : ExitCode.FAILED;
	},
};

/** The outcome of a request at the receiver. */
interface Result {
	readonly report?: Exchange['report'];
	readonly readReply?: Exchange['readReply'];
	/** The reason for a rejection. */
	readonly error?: { readonly code: string; readonly message: string };
	/** The response, head and body. */
	readonly response: string;
}

/** Sends the bytes to a real receiver, since Node's HTTP parser decides too. */
async function receive({ head, body }: RecordedRequest): Promise<Result> {
	let exchange: Exchange | undefined;
	let parserError: NodeJS.ErrnoException | undefined;
	const middleware = mm7DeliveryReports<http.IncomingMessage>(() => undefined, {
		readReplies: () => undefined,
		onExchange: (finished) => {
			exchange = finished;
		},
	});
	const server = http.createServer((req, res) => middleware(req, res, () => res.end()));
	server.on('clientError', (error, socket) => {
		parserError = error;
		socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
	});
	await once(server.listen(0, '127.0.0.1'), 'listening');
	try {
		const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
		socket.write(Buffer.concat([Buffer.from([...head, '', ''].join('\r\n'), 'latin1'), body]));
		const response = (await buffer(socket)).toString();
		const { report, readReply, error } = exchange ?? {};
		return {
			...(report && { report }),
			...(readReply && { readReply }),
			...(error && { error: { code: error.code, message: error.message } }),
			...(parserError && {
				error: { code: parserError.code ?? '', message: `Node's HTTP parser: ${parserError.message}` },
			}),
			response,
		};
	} finally {
		server.close();
	}
}

function describe({ report, readReply, error, response }: Result): string {
	const fields = Object.entries(report ?? readReply ?? {}).filter(([, value]) => value !== undefined);
	const lines = fields.map(([name, value]) => `  ${name.padEnd(17)} ${toJson(value)}`);
	if (lines.length > 0) lines.unshift(report ? 'Delivery report' : 'Read reply');
	lines.push(error ? `Rejected: ${error.code} ${error.message}` : 'Accepted', '', 'Response:', response);
	return `${lines.join('\n')}\n`;
}
