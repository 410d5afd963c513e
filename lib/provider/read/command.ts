import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Exchange, mm7DeliveryReports } from '../../index.js';
import {
	type Command,
	ExitCode,
	onlyArgument,
	optionLines,
	parseOptions,
	printable,
	readHeaders,
	toJson,
	UsageError,
} from '../command-line.js';
import { type RecordedRequest, readRecording } from './recorded-request.js';

const OPTIONS = {
	header: { value: '"N: V"', help: 'a header of the request, such as Content-Type; can be repeated' },
	json: { help: 'one JSON object' },
};

/** The command `read`. */
export const read: Command = {
	summary: 'prints what the receiver makes of a recorded request, and why it would refuse it',
	help: `Usage: mm7-delivery-reports read FILE [options]

FILE is a recorded request: request line, headers, an empty line and the body; or a body alone.
It is sent to a receiver in this process. Nothing leaves the machine.

${optionLines(OPTIONS)}

Exit codes: 0 if the report is accepted, 1 if the request is refused, 2 for wrong arguments.

Example: mm7-delivery-reports read body.xml --header "Content-Type: text/xml; charset=gb2312"`,
	async run(args, { stdout }) {
		const { values, positionals } = parseOptions({
			args: [...args],
			allowPositionals: true,
			options: { header: { type: 'string', multiple: true }, json: { type: 'boolean' } },
		});
		const file = onlyArgument(positionals, 'FILE');
		const headers = readHeaders(values.header);
		const result = await receive(readRecording(await readRequestFile(file), headers));
		stdout.write(values.json ? `${toJson(result)}\n` : printable(describe(result)));
		return result.error === undefined ? ExitCode.OK : ExitCode.FAILED;
	},
};

async function readRequestFile(file: string): Promise<Buffer> {
	try {
		return await readFile(file);
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
}

/** What the receiver made of a request. */
interface Result {
	readonly report?: Exchange['report'];
	readonly readReply?: Exchange['readReply'];
	/** Why it was refused. */
	readonly error?: { readonly code: string; readonly message: string };
	/** The response, with head and body. */
	readonly response: string;
}

/** Sends the bytes to a real receiver, since Node's HTTP parser is a part of what decides. */
async function receive({ head, body }: RecordedRequest): Promise<Result> {
	let exchange: Exchange | undefined;
	let refusal: NodeJS.ErrnoException | undefined;
	const middleware = mm7DeliveryReports<http.IncomingMessage>(() => undefined, {
		readReplies: () => undefined,
		onExchange: (finished) => {
			exchange = finished;
		},
	});
	const server = http.createServer((req, res) => middleware(req, res, () => res.end()));
	server.on('clientError', (error, socket) => {
		refusal = error;
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
			...(refusal && { error: { code: refusal.code ?? '', message: `Node's HTTP parser: ${refusal.message}` } }),
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
	lines.push(error ? `Refused: ${error.code} ${error.message}` : 'Accepted', '', 'Response:', response);
	return `${lines.join('\n')}\n`;
}
