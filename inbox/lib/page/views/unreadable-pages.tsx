/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import type { Unreadable, UnreadableWithBody } from '../../store/read/unreadable.js';
import { Layout } from './layout.js';
import { Long, Text } from './text.js';
import { Time } from './time.js';

/** Bytes of the hex dump; all of them are in the file. */
const MOST_DUMPED = 4096;

/** The requests that could not be read as reports. */
export function UnreadablePage({ requests, hasOlder }: UnreadableView): JSX.Element {
	const last = requests.at(-1);
	return (
		<Layout title="Unreadable requests" place="Unreadable" script="refresh.js">
			<section class="card" id="live" data-version={requests[0]?.id} aria-labelledby="unreadable-title">
				<h1 id="unreadable-title">Unreadable requests</h1>
				<p class="quiet">
					What could not be read as a report was answered with a fault, so the provider may send it again. Kept are the
					newest 1,000, and the first 64 KB of each.
				</p>
				{requests.length === 0 ? (
					<p class="empty">There are none.</p>
				) : (
					<table class="messages unreadable">
						<thead>
							<tr>
								<th scope="col">Received</th>
								<th scope="col">From</th>
								<th scope="col">Why</th>
								<th scope="col">Content-Type</th>
								<th scope="col">Bytes</th>
							</tr>
						</thead>
						<tbody>
							{requests.map((request) => (
								<tr key={request.id}>
									<td data-label="Received">
										<a href={`unreadable-request?id=${request.id}`}>
											<Time>{request.receivedAt}</Time>
										</a>
									</td>
									<td data-label="From">{request.remoteAddress ?? 'not kept'}</td>
									<td data-label="Why">
										<span class="clamp">
											<Text>{request.errorMessage}</Text>
										</span>
										<small>{request.errorCode}</small>
									</td>
									<td data-label="Content-Type">
										<span class="clamp">
											<Text>{request.contentType ?? 'none'}</Text>
										</span>
									</td>
									<td data-label="Bytes">{request.size.toLocaleString('en')}</td>
								</tr>
							))}
						</tbody>
					</table>
				)}
				{hasOlder && last && (
					<nav class="paging" aria-label="Pages of the list">
						<a class="button" rel="next" href={`unreadable?before=${last.id}`}>
							Older
						</a>
					</nav>
				)}
			</section>
			<div class="news" role="status">
				<button id="news" type="button" hidden>
					Show what is new
				</button>
			</div>
		</Layout>
	);
}

interface UnreadableView {
	/** Newest first. */
	readonly requests: readonly Unreadable[];
	readonly hasOlder: boolean;
}

/** One request, with its bytes in two ways that show everything and run nothing. */
export function UnreadableRequestPage({ request }: { request: UnreadableWithBody }): JSX.Element {
	const { body } = request;
	return (
		<Layout title={`Unreadable request ${request.id}`} place="Unreadable">
			<section class="card" aria-labelledby="request-title">
				<h1 id="request-title">Unreadable request {request.id}</h1>
				<dl class="facts">
					<div>
						<dt>Received</dt>
						<dd>
							<Time>{request.receivedAt}</Time>
						</dd>
					</div>
					<div>
						<dt>From</dt>
						<dd>{request.remoteAddress ?? 'not kept'}</dd>
					</div>
					<div>
						<dt>Why</dt>
						<dd>
							<Text>{request.errorMessage}</Text> <small>{request.errorCode}</small>
						</dd>
					</div>
					<div>
						<dt>Content-Type</dt>
						<dd>
							<Long>{request.contentType ?? 'none'}</Long>
						</dd>
					</div>
					<div>
						<dt>Size</dt>
						<dd>
							{request.size.toLocaleString('en')} bytes
							{body.length < request.size && `, of which the first ${body.length.toLocaleString('en')} are kept`}
						</dd>
					</div>
				</dl>
				<p>
					<a class="button" href={`unreadable.txt?id=${request.id}`} download>
						Save as a file for the provider
					</a>
				</p>
				<h2>As text</h2>
				<pre>
					<Text lines>{body.toString().replaceAll('\r\n', '\n')}</Text>
				</pre>
				<h2>As bytes</h2>
				{/* biome-ignore lint/a11y/noNoninteractiveTabindex: its lines are long, and the keyboard has to scroll them */}
				<section class="scrollable" aria-label="The bytes" tabIndex={0}>
					<pre>{hexDump(body.subarray(0, MOST_DUMPED))}</pre>
				</section>
				{body.length > MOST_DUMPED && <p class="quiet">The first {MOST_DUMPED.toLocaleString('en')} bytes.</p>}
			</section>
		</Layout>
	);
}

/** Lines of 16 bytes: place, hexadecimal, and what of it is ASCII. */
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

/** The request as a file: what is known of it, an empty line, and the bytes. */
export function unreadableFile(request: UnreadableWithBody): Buffer {
	const line = (text: string) => text.replace(/[\r\n]+/g, ' ');
	const head = [
		`Received: ${request.receivedAt.toISOString()}`,
		`From: ${request.remoteAddress ?? 'not kept'}`,
		`Refused: ${line(request.errorMessage)} (${request.errorCode})`,
		`Content-Type: ${line(request.contentType ?? 'none')}`,
		`Bytes: ${request.size}, of which ${request.body.length} follow`,
	];
	return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), request.body]);
}
