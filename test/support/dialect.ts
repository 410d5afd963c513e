import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { encode } from 'iconv-lite';
import type { DeliveryReport } from '../../lib/index.js';
import { chunked } from './server.js';

/** Turns the readable body of a dialect into bytes; all optional. */
export interface DialectBody {
	/** A name that iconv-lite knows, such as `euc-kr`, `utf-16le`. Default `utf-8`. */
	readonly encoding?: string;
	/** True if the bytes begin with a byte order mark. Default false. */
	readonly bom?: boolean;
	/** Default `crlf`. */
	readonly lineBreaks?: 'crlf' | 'lf';
	/** The compression that the Content-Encoding header of the request names. Default none. */
	readonly compress?: 'gzip' | 'deflate' | 'br';
	/** Bytes of one HTTP chunk. Default: one piece with Content-Length. */
	readonly chunked?: number;
}

/** The expected fields of the response, where they differ from the defaults in test/dialects/README.md. */
export interface DialectResponse {
	readonly namespace?: string;
	readonly transactionIdNamespace?: string;
	readonly mustUnderstand?: boolean;
	readonly mm7Version?: string;
	readonly transactionId?: string;
	readonly soapVersion?: '1.1' | '1.2';
	readonly statusCode?: string;
}

/** The expectation of a dialect, `NAME.json`. */
export interface DialectExpectation {
	/** One sentence: who sends this, and what is unusual about it. */
	readonly about: string;
	readonly body?: DialectBody;
	/** Fields of the report as JSON: dates as text, `null` for `undefined`. */
	readonly report: Readonly<Record<string, unknown>>;
	readonly response?: DialectResponse;
}

/** A sender's request and its expected outcome. */
export interface Dialect extends DialectExpectation {
	readonly name: string;
	/** The request over HTTP: request line and headers with the empty line after them, and the body. */
	readonly request: { readonly head: Buffer; readonly body: Buffer };
	/** The same for `parseDeliveryReport`: no framing, nothing compressed. */
	readonly headers: Readonly<Record<string, string>>;
	readonly bytes: Buffer;
}

const KEYS = new Set(['about', 'body', 'report', 'response']);
const COMPRESSORS = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync } as const;

/** Reads all dialects of a directory, in alphabetical order. */
export function readDialects(directory: string): Dialect[] {
	const files = readdirSync(directory);
	const names = files.filter((file) => file.endsWith('.http')).map((file) => file.slice(0, -'.http'.length));
	const orphan = files.find((file) => file.endsWith('.json') && !names.includes(file.slice(0, -'.json'.length)));
	if (orphan) throw new Error(`${orphan} has no request file beside it`);
	return names.sort().map((name) => readDialect(directory, name));
}

function readDialect(directory: string, name: string): Dialect {
	const expectation: DialectExpectation = JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8'));
	const unknown = Object.keys(expectation).find((key) => !KEYS.has(key));
	if (unknown) throw new Error(`${name}.json: unknown key ${unknown}`);

	const file = readFileSync(join(directory, `${name}.http`), 'utf8');
	const blank = file.indexOf('\n\n');
	if (blank === -1) throw new Error(`${name}.http: there is no blank line after the headers`);
	const [requestLine, ...headerLines] = file.slice(0, blank).split('\n');
	const text = file.slice(blank + 2).replace(/\n$/, '');
	const bytes = toBytes(text, expectation.body ?? {});
	return { ...expectation, name, ...onTheWire(requestLine ?? '', headerLines, bytes, expectation.body ?? {}) };
}

function toBytes(text: string, { encoding = 'utf-8', bom = false, lineBreaks = 'crlf' }: DialectBody): Buffer {
	const lines = lineBreaks === 'crlf' ? text.replaceAll('\n', '\r\n') : text;
	return encode(lines, encoding, { addBOM: bom });
}

function onTheWire(
	requestLine: string,
	headerLines: readonly string[],
	bytes: Buffer,
	body: DialectBody,
): Pick<Dialect, 'request' | 'headers' | 'bytes'> {
	const compressed = body.compress ? COMPRESSORS[body.compress](bytes) : bytes;
	const framing = body.chunked === undefined ? `Content-Length: ${compressed.length}` : 'Transfer-Encoding: chunked';
	const head = Buffer.from([requestLine, ...headerLines, framing, '', ''].join('\r\n'), 'latin1');
	return {
		request: { head, body: body.chunked === undefined ? compressed : chunked(compressed, body.chunked) },
		headers: Object.fromEntries(
			headerLines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]),
		),
		bytes,
	};
}

/** The fields of a report that an expectation names, as JSON. */
export function fieldsOf(report: DeliveryReport, expected: DialectExpectation['report']): Record<string, unknown> {
	return Object.fromEntries(
		Object.keys(expected).map((name) => {
			if (!(name in report)) throw new Error(`a report has no field ${name}`);
			const value = report[name as keyof DeliveryReport];
			return [name, value === undefined ? null : JSON.parse(JSON.stringify(value))];
		}),
	);
}
