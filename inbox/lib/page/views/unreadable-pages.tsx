/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import type { Unreadable, UnreadableWithBody } from '../../store/read/unreadable.js';
import { Layout } from './layout.js';
import { type Column, clamped, List, Paging } from './list.js';
import { Fact } from './report-facts.js';
import { Long, Text } from './text.js';
import { Time } from './time.js';

/** The size of the hex dump. The download has all bytes. */
const MAX_DUMP_BYTES = 4096;

const COLUMNS: readonly Column<Unreadable>[] = [
	{
		name: 'Received',
		cell: ({ id, receivedAt }) => (
			<a href={`unreadable-request?id=${id}`}>
				<Time>{receivedAt}</Time>
			</a>
		),
	},
	{ name: 'From', cell: ({ remoteAddress }) => remoteAddress ?? 'unknown' },
	{
		name: 'Reason',
		cell: ({ errorMessage, errorCode }) => (
			<>
				{clamped(errorMessage)}
				<small>{errorCode}</small>
			</>
		),
	},
	{ name: 'Content-Type', cell: ({ contentType }) => clamped(contentType ?? 'none') },
	{ name: 'Bytes', cell: ({ size }) => size.toLocaleString('en') },
];

/** The list of unreadable requests, newest first. */
export function UnreadablePage({ requests, hasOlder }: UnreadableView): JSX.Element {
	const last = requests.at(-1);
	return (
		<Layout title="Unreadable requests" place="Unreadable" script="live.js">
			<section class="card" id="live" data-version={requests[0]?.id} aria-labelledby="unreadable-title">
				<h1 id="unreadable-title">Unreadable requests</h1>
				<p class="quiet">
					These requests could not be parsed as reports. They got an error response, so the provider may retry them. The
					newest 1,000 are kept, with the first 64 KB of each.
				</p>
				{requests.length === 0 ? (
					<p class="empty">No unreadable requests.</p>
				) : (
					<List kind="unreadable" columns={COLUMNS} rows={requests} />
				)}
				{hasOlder && last && <Paging older={`unreadable?before=${last.id}`} />}
			</section>
		</Layout>
	);
}

interface UnreadableView {
	readonly requests: readonly Unreadable[];
	readonly hasOlder: boolean;
}

/** An unreadable request, with its bytes as text and as a hex dump. */
export function UnreadableRequestPage({ request }: { request: UnreadableWithBody }): JSX.Element {
	const { body, size } = request;
	return (
		<Layout title={`Unreadable request ${request.id}`} place="Unreadable">
			<section class="card" aria-labelledby="request-title">
				<h1 id="request-title">Unreadable request {request.id}</h1>
				<dl class="facts">
					<Fact name="Received">
						<Time>{request.receivedAt}</Time>
					</Fact>
					<Fact name="From">{request.remoteAddress ?? 'unknown'}</Fact>
					<Fact name="Reason">
						<Text>{request.errorMessage}</Text> <small>{request.errorCode}</small>
					</Fact>
					<Fact name="Content-Type">
						<Long>{request.contentType ?? 'none'}</Long>
					</Fact>
					<Fact name="Size">
						{size.toLocaleString('en')} bytes
						{body.length < size && `; the first ${body.length.toLocaleString('en')} are kept`}
					</Fact>
				</dl>
				<p>
					<a class="button" href={`unreadable.txt?id=${request.id}`} download>
						Download as a file for the provider
					</a>
				</p>
				<h2>Text</h2>
				<pre>
					<Text lines>{body.toString().replaceAll('\r\n', '\n')}</Text>
				</pre>
				<h2>Bytes</h2>
				{/* biome-ignore lint/a11y/noNoninteractiveTabindex: the lines are long and must be scrollable by keyboard */}
				<section class="scrollable" aria-label="Bytes" tabIndex={0}>
					<pre>{hexDump(body.subarray(0, MAX_DUMP_BYTES))}</pre>
				</section>
				{body.length > MAX_DUMP_BYTES && (
					<p class="quiet">Only the first {MAX_DUMP_BYTES.toLocaleString('en')} bytes are shown.</p>
				)}
			</section>
		</Layout>
	);
}

/** Lines of 16 bytes: offset, hexadecimal and ASCII. */
function hexDump(bytes: Buffer): string {
	const lines: string[] = [];
	for (let start = 0; start < bytes.length; start += 16) {
		const line = bytes.subarray(start, start + 16);
		const hex = line.toString('hex').replace(/../g, '$& ').padEnd(48);
		const ascii = line.toString('latin1').replace(/[^\x20-\x7e]/g, '.');
		lines.push(`${start.toString(16).padStart(6, '0')}  ${hex} ${ascii}`);
	}
	return lines.join('\n');
}

/** The request as a file: its metadata, an empty line, and the bytes. */
export function unreadableFile(request: UnreadableWithBody): Buffer {
	const line = (text: string) => text.replace(/[\r\n]+/g, ' ');
	const head = [
		`Received: ${request.receivedAt.toISOString()}`,
		`From: ${request.remoteAddress ?? 'unknown'}`,
		`Refused: ${line(request.errorMessage)} (${request.errorCode})`,
		`Content-Type: ${line(request.contentType ?? 'none')}`,
		`Bytes: ${request.size}, of which ${request.body.length} follow`,
	];
	return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), request.body]);
}
