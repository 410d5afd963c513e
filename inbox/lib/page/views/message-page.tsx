/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import type { MessageEvents } from '../../store/read/message-events.js';
import type { MessageStory, OtherRecipient, StoryReport } from '../../store/read/message-story.js';
import { DEFAULT_PROVIDER, type MessageState } from '../../store/report-row.js';
import { Events } from './events.js';
import { Layout } from './layout.js';
import { Link } from './page-info.js';
import { Addresses, Fact, MmStatusMeaning, OperatorFact, Step, TextFact } from './report-facts.js';
import { State } from './state.js';
import { Copyable, Long, plainText, Text } from './text.js';
import { Time } from './time.js';

/** A message with all its reports. */
export function MessagePage({ story, events }: MessagePageProps): JSX.Element {
	const deciding = story.reports.find(({ id }) => id === story.reportId);
	return (
		<Layout title={`Message ${plainText(story.messageId.slice(0, 60))}`} script="live.js">
			<section
				class="card"
				id="live"
				data-version={[story.reportCount, story.reportId, story.submission?.id].join('-')}
				aria-labelledby="message-title"
			>
				<p class="quiet">Message</p>
				<h1 id="message-title" class="id">
					{story.messageId === '' ? (
						'No MessageID'
					) : (
						<Copyable text={story.messageId}>
							<Long>{story.messageId}</Long>
						</Copyable>
					)}
				</h1>
				<p class="verdict" data-state={story.state}>
					<State state={story.state} />
					<span>
						<Text>{story.mmStatus}</Text> since <Time>{story.since}</Time>
					</span>
					{deciding?.kind === 'read' && <span class="quiet">{READ_ONLY[story.state] ?? READ_ONLY.unknown}</span>}
					{deciding?.kind !== 'read' && !story.final && (
						<span class="quiet">{deciding ? 'More reports are expected.' : 'No report yet.'}</span>
					)}
				</p>
				{deciding?.kind !== 'read' && <MmStatusMeaning mmStatus={story.mmStatus} />}
				<Facts story={story} />
				<h2>Reports</h2>
				{story.reportCount > story.reports.length && (
					<p class="notice">
						Showing the newest {story.reports.length} of {story.reportCount.toLocaleString('en')} reports.
					</p>
				)}
				<ol class="timeline">
					<Submission story={story} />
					{story.reports.map((report) => (
						<Entry report={report} isDeciding={report === deciding} key={report.id} />
					))}
				</ol>
				{story.otherRecipients.length > 0 && <Others recipients={story.otherRecipients} />}
				<p class="more">
					<Link href="erase">Erase a number</Link>
				</p>
			</section>
			<Events messageKey={story.key} {...events} />
		</Layout>
	);
}

/** What a read reply says about a message without a delivery report. */
const READ_ONLY: Partial<Record<MessageState, string>> & { unknown: string } = {
	delivered: 'No delivery report, but the recipient read it.',
	unknown: 'No delivery report, only a read reply.',
};

interface MessagePageProps {
	readonly story: MessageStory;
	readonly events: MessageEvents;
}

function Facts({ story }: { story: MessageStory }): JSX.Element {
	const known = story.submission ? [story.submission, ...story.reports] : story.reports;
	const newest = <Name extends keyof StoryReport>(name: Name) =>
		known.findLast((report) => report[name] !== null)?.[name] ?? null;
	return (
		<dl class="facts">
			<Addresses recipient={newest('recipient')} sender={story.submission?.sender ?? newest('sender')} />
			<OperatorFact operator={newest('operator')} />
			<TextFact name="Handset" text={newest('handset')} />
			<TextFact name="Application" text={newest('applicId')} />
			<TextFact name="Provider" text={story.provider === DEFAULT_PROVIDER ? null : story.provider} />
			{story.reference && (
				<Fact name="Reference">
					<Copyable>{story.reference}</Copyable>
				</Fact>
			)}
		</dl>
	);
}

/**
 * The first step: what your application registered, or else the date that all reports share. Some providers, including
 * Sinch, put the submission time in every report.
 */
function Submission({ story }: { story: MessageStory }): JSX.Element | null {
	const { submission, submittedAt } = story;
	const dates = story.reports.filter(({ kind }) => kind === 'delivery').map(({ date }) => date?.getTime());
	const [first] = dates;
	const isShared = dates.length >= 2 && first !== undefined && dates.every((date) => date === first);
	const at = submittedAt ?? submission?.receivedAt ?? (isShared ? new Date(first) : undefined);
	if (at === undefined) return null;
	return (
		<li data-state="submitted">
			<p class="step">
				<strong>Submitted</strong>
				<span class="quiet">
					<Time>{at}</Time>
				</span>
			</p>
			<p class="quiet">
				{submission ? 'Your application registered it.' : isShared && 'All reports of this message have this date.'}
			</p>
		</li>
	);
}

function Entry({ report, isDeciding }: { report: StoryReport; isDeciding: boolean }): JSX.Element {
	const isReply = report.kind === 'read';
	return (
		<li data-state={isReply ? 'read' : report.state} id={`report-${report.id}`}>
			<Step report={report} />
			{isDeciding && !isReply && <p class="quiet">This report determines the state of the message.</p>}
			{report.statusText && (
				<p>
					<Text>{report.statusText}</Text>
				</p>
			)}
			<dl class="facts">
				{report.transactionId && (
					<Fact name="TransactionID">
						<Copyable>{report.transactionId}</Copyable>
					</Fact>
				)}
				{report.date && (
					<Fact name="Date">
						<Time>{report.date}</Time>
					</Fact>
				)}
				{!report.date && <Brief name="Date" text={report.dateText} />}
				<Brief name="MMStatusExtension" text={report.mmStatusExtension} />
			</dl>
			<p class="more">
				<Link href={`report?id=${report.id}`}>All fields and XML</Link>
				<a href={`report.xml?id=${report.id}`} download>
					Save XML
				</a>
			</p>
		</li>
	);
}

/** A fact whose text cannot be expanded, because there can be many of them. */
function Brief({ name, text }: { name: string; text: string | null }): JSX.Element | null {
	if (!text) return null;
	return (
		<Fact name={name}>
			<Text>{text}</Text>
		</Fact>
	);
}

function Others({ recipients }: { recipients: readonly OtherRecipient[] }): JSX.Element {
	return (
		<>
			<h2>Other recipients of this MessageID</h2>
			<ul class="others">
				{recipients.map(({ key, recipient, state }) => (
					<li key={key}>
						<Link href={`message?key=${key}`}>
							<Text>{recipient}</Text>
						</Link>{' '}
						<State state={state} />
					</li>
				))}
			</ul>
		</>
	);
}
