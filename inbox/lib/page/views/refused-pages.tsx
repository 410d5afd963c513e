/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import {
	CURRENT_MS,
	type ListedRefusal,
	OTHER_PEERS,
	type RefusalSum,
	type StoredRefusal,
	startOfDays,
} from '../../store/read/refused.js';
import type { ReadAgainResult, Reading } from '../../store/read-again.js';
import { describeReason, isAlarming, providerReaction } from '../../store/refusal-reasons.js';
import { type RefusedView, refusedUrl } from '../refused-view.js';
import { Layout } from './layout.js';
import { type Column, clamped, List, Paging } from './list.js';
import { Link, PostForm } from './page-info.js';
import { Fact } from './report-facts.js';
import { Long, Text } from './text.js';
import { Time } from './time.js';

/** The size of the hex dump. The download has all bytes. */
const MAX_DUMP_BYTES = 4096;
/** The number of addresses shown for each reason. */
const MAX_PEERS = 3;
const HOUR_MS = 3_600_000;
/** By days. */
const SPAN_NAMES: Readonly<Record<number, string>> = { 1: 'Last 24 hours', 30: 'Last 30 days' };

interface RefusedPageProps {
	readonly view: RefusedView;
	readonly sums: readonly RefusalSum[];
	readonly requests: readonly ListedRefusal[];
	readonly hasOlder: boolean;
	/** Changes with each refusal. */
	readonly total: number;
}

/** The reasons for which requests were refused, with their numbers, and the newest of these requests. */
export function RefusedPage({ view, sums, requests, hasOlder, total }: RefusedPageProps): JSX.Element {
	const { reason, before, days } = view;
	const last = requests.at(-1);
	const version = before === undefined ? `${requests[0]?.id}-${total}` : 'older';
	const shown = reason === undefined ? sums : sums.filter((sum) => sum.reason === reason);
	return (
		<Layout title="Refused requests" place="Refused" script="live.js" updates={refusedUrl({ reason, days })}>
			<div id="refused-page" hidden />
			<div id="live" class="stack" data-version={version}>
				<section class="card" aria-labelledby="refused-title">
					<h1 id="refused-title">Refused requests</h1>
					<p class="quiet">
						Requests that got an error, and accepted ones that are not reports. All are counted; the newest 1,000 for
						each reason are kept, with the first 64 KB of each body and without credentials.
					</p>
					<nav class="tabs" aria-label="Time">
						{[1, 30].map((span) => (
							<Link
								href={refusedUrl({ reason, days: span })}
								aria-current={span === days ? 'page' : undefined}
								key={span}
							>
								{SPAN_NAMES[span]}
							</Link>
						))}
					</nav>
					{reason !== undefined && (
						<p>
							<Link href={refusedUrl({ days })}>All reasons</Link>
						</p>
					)}
					{shown.length === 0 ? (
						<p class="empty">No refused requests in the {SPAN_NAMES[days]?.toLowerCase()}.</p>
					) : (
						<List kind="reasons" columns={reasonColumns(view)} rows={shown} />
					)}
				</section>
				{requests.length > 0 && (
					<section class="card" aria-labelledby="requests-title">
						<h2 id="requests-title">
							{reason === undefined ? 'Newest requests' : `Newest requests: ${describeReason(reason).title}`}
						</h2>
						{reason !== undefined && requests.some(({ kept }) => kept > 0) && (
							<ReadAgainForm query={`reason=${encodeURIComponent(reason)}`} label="Read all of them again" />
						)}
						<List kind="refused" columns={REQUEST_COLUMNS} rows={requests} />
						{hasOlder && last && <Paging older={refusedUrl({ ...view, before: last.id })} />}
					</section>
				)}
			</div>
		</Layout>
	);
}

function reasonColumns(view: RefusedView): readonly Column<RefusalSum>[] {
	return [
		{
			name: 'Reason',
			cell({ reason, lastAt }) {
				const { title, advice, http } = describeReason(reason);
				const isCurrent = isAlarming(reason) && lastAt.getTime() > Date.now() - CURRENT_MS;
				return (
					<>
						<Link href={refusedUrl({ ...view, before: undefined, reason })}>{title}</Link>
						{isCurrent && (
							<>
								{' '}
								<span class="badge" data-state="refusing">
									now
								</span>
							</>
						)}
						<small>
							<Text>{reason}</Text>
							{http !== undefined && `, HTTP ${http}`}
						</small>
						<small>{advice}</small>
					</>
				);
			},
		},
		{ name: 'Requests', cell: ({ count }) => count.toLocaleString('en') },
		{ name: 'Over time', cell: ({ hours }) => <OverTime view={view} hours={hours} /> },
		{
			name: 'From',
			cell: ({ peers }) => (
				<>
					{peers.slice(0, MAX_PEERS).map(({ peer, provider, count }) => (
						<div key={`${peer} ${provider}`}>
							{peer === OTHER_PEERS ? 'other addresses' : <Text>{peer}</Text>}{' '}
							<span class="quiet">
								{provider !== '' && (
									<>
										<Text>{provider}</Text>,{' '}
									</>
								)}
								{count.toLocaleString('en')}
							</span>
						</div>
					))}
					{peers.length > MAX_PEERS && <small>and {(peers.length - MAX_PEERS).toLocaleString('en')} more</small>}
				</>
			),
		},
		{ name: 'Last', cell: ({ lastAt }) => <Time>{lastAt}</Time> },
	];
}

const BARS_HEIGHT_PX = 28;

/** Small bars, one for each hour or day; the last one is the current hour or day. */
function OverTime({ view, hours }: { view: RefusedView; hours: RefusalSum['hours'] }): JSX.Element {
	const perBar = view.days === 1 ? 1 : 24;
	const end = Math.floor(Date.now() / HOUR_MS);
	const first = Math.floor(startOfDays(view.days).getTime() / HOUR_MS);
	const counts = Array.from({ length: Math.ceil((end - first + 1) / perBar) }, () => 0);
	for (const [hour, count] of Object.entries(hours)) {
		const bar = counts.length - 1 - Math.floor((end - Number(hour)) / perBar);
		counts[bar] = (counts[bar] ?? 0) + count;
	}
	const top = Math.max(...counts, 1);
	const width = 100 / counts.length;
	const unit = perBar === 1 ? 'hour' : 'day';
	return (
		<svg class="over-time" role="img" width="100%" height={BARS_HEIGHT_PX}>
			<title>{`At most ${top.toLocaleString('en')} in one ${unit}`}</title>
			{counts.map((count, index) => {
				const height = count === 0 ? 0 : Math.max(2, (count / top) * BARS_HEIGHT_PX);
				const x = `${index * width + width * 0.1}%`;
				return <rect x={x} width={`${width * 0.8}%`} y={BARS_HEIGHT_PX - height} height={height} key={x} />;
			})}
		</svg>
	);
}

const REQUEST_COLUMNS: readonly Column<ListedRefusal>[] = [
	{
		name: 'Received',
		cell: ({ id, receivedAt }) => (
			<Link href={`refused-request?id=${id}`}>
				<Time>{receivedAt}</Time>
			</Link>
		),
	},
	{ name: 'From', cell: ({ peer }) => clamped(peer) },
	{ name: 'Reason', cell: ({ message }) => clamped(withoutReference(message)) },
	{ name: 'Request', cell: ({ method, path }) => clamped([method, path].filter(Boolean).join(' ')) },
	{ name: 'Bytes', cell: ({ size }) => size.toLocaleString('en') },
];

/** An error's message without its place in the documentation: the page explains the reason itself. */
function withoutReference(message: string): string {
	return message.replace(/ \(docs\/errors\.md#\w+\)$/, '');
}

/** Asks the inbox to read requests again. The address has the choice, because the form has no fields. */
function ReadAgainForm({ query, label }: { query: string; label: string }): JSX.Element {
	return (
		<PostForm action={`read-again?${query}`}>
			<button type="submit">{label}</button>
		</PostForm>
	);
}

/** A refused request, with its bytes as text and as a hex dump, and how the inbox reads it today. */
export function RefusedRequestPage({ request, today }: { request: StoredRefusal; today: Reading }): JSX.Element {
	const { id, reason, body, size } = request;
	const { title, advice } = describeReason(reason);
	return (
		<Layout title={`Refused request ${id}`} place="Refused">
			<section class="card" aria-labelledby="request-title">
				<h1 id="request-title">Refused request {id}</h1>
				<p>
					{title}. {providerReaction(request.httpStatus, request.statusCode)} {advice}
				</p>
				<dl class="facts">
					<Fact name="Received">
						<Time>{request.receivedAt}</Time>
					</Fact>
					<Fact name="From">
						<Text>{request.peer}</Text>
					</Fact>
					{request.provider !== '' && (
						<Fact name="Provider">
							<Text>{request.provider}</Text>
						</Fact>
					)}
					<Fact name="Response">{responseOf(request)}</Fact>
					<Fact name="Reason">
						<Text>{withoutReference(request.message)}</Text> <small>{reason}</small>
					</Fact>
					{request.path !== undefined && (
						<Fact name="Request">
							<Long>{`${request.method} ${request.path}`}</Long>
						</Fact>
					)}
					<Fact name="Size">
						{size.toLocaleString('en')} bytes
						{body.length < size && `; the first ${body.length.toLocaleString('en')} are kept`}
					</Fact>
					{body.length > 0 && (
						<Fact name="Today">
							{today.report ? (
								<>
									It can be read: a report about the message <Long>{today.report.messageId}</Long>
								</>
							) : (
								<>
									It is still refused: <Text>{withoutReference(today.message)}</Text> <small>{today.reason}</small>
								</>
							)}
						</Fact>
					)}
				</dl>
				{today.report && <ReadAgainForm query={`id=${id}`} label="Read again, and store the report" />}
				<p>
					<a class="button" href={`refused.txt?id=${id}`} download>
						Download as a file for the provider
					</a>
				</p>
				<h2>Headers</h2>
				<pre>
					<Text lines>{headerLines(request)}</Text>
				</pre>
				{body.length > 0 && <Body body={body} />}
			</section>
		</Layout>
	);
}

function responseOf({ httpStatus, statusCode }: StoredRefusal): string {
	if (httpStatus === undefined) return 'none: the client had disconnected';
	return statusCode !== undefined ? `HTTP ${httpStatus}, StatusCode ${statusCode}` : `HTTP ${httpStatus}`;
}

function headerLines({ headers }: StoredRefusal): string {
	return Object.entries(headers)
		.map(([name, value]) => `${name}: ${value}`)
		.join('\n');
}

function Body({ body }: { body: Buffer }): JSX.Element {
	return (
		<>
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
		</>
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

/** The request as a file: its metadata and headers, an empty line, and the bytes. */
export function refusedFile(request: StoredRefusal): Buffer {
	const line = (text: string) => text.replace(/[\r\n]+/g, ' ');
	const head = [
		`Received: ${request.receivedAt.toISOString()}`,
		`From: ${request.peer}`,
		`Refused: ${line(request.message)} (${request.reason})`,
		`Response: ${responseOf(request)}`,
		`Request: ${line([request.method, request.path].filter(Boolean).join(' ') || 'unknown')}`,
		...headerLines(request).split('\n').map(line),
		`Bytes: ${request.size}, of which ${request.body.length} follow`,
	];
	return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), request.body]);
}

/** What happened to requests that were read again. */
export function ReadAgainPage({ result }: { result: ReadAgainResult }): JSX.Element {
	const { stored, duplicates, refused } = result;
	return (
		<Layout title="Read again" place="Refused">
			<section class="card">
				<h1>Read again</h1>
				<ul>
					<li>
						{stored === 1 ? '1 request became a report.' : `${stored.toLocaleString('en')} requests became reports.`}
					</li>
					{duplicates > 0 && (
						<li>{duplicates.toLocaleString('en')} had already become reports, because the provider resent them.</li>
					)}
					{Array.from(refused, ([reason, count]) => (
						<li key={reason}>
							{count.toLocaleString('en')} still refused: {describeReason(reason).title} <small>{reason}</small>
						</li>
					))}
				</ul>
				<p>
					<Link href="refused">Refused requests</Link> · <Link href=".">Messages</Link>
				</p>
			</section>
		</Layout>
	);
}
