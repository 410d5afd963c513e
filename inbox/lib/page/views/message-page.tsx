/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from 'preact';
import { filterQuery } from '../../store/read/filters.js';
import type { MessageStory, OtherRecipient, StoryReport } from '../../store/read/message-story.js';
import { Layout } from './layout.js';
import { State } from './state.js';
import { Long, plainText, Text } from './text.js';
import { Time } from './time.js';

/** What became of one message. */
export function MessagePage({ story }: { story: MessageStory }): JSX.Element {
	const deciding = story.reports.find(({ id }) => id === story.reportId);
	return (
		<Layout title={`Message ${plainText(story.messageId.slice(0, 60))}`} place={undefined} script="refresh.js">
			<section
				class="card"
				id="live"
				data-version={`${story.reportCount}-${story.reportId}`}
				aria-labelledby="message-title"
			>
				<p class="quiet">Message</p>
				<h1 id="message-title" class="id">
					{story.messageId === '' ? 'without MessageID' : <Long>{story.messageId}</Long>}
				</h1>
				<p class="verdict" data-state={story.state}>
					<State state={story.state} />
					<span>
						<Text>{story.mmStatus}</Text>
						{deciding?.kind !== 'read' && (
							<>
								{' '}
								since <Time>{story.since}</Time>
							</>
						)}
					</span>
					{deciding?.kind === 'read' && <span class="quiet">There is no delivery report yet, but a read reply.</span>}
					{deciding?.kind !== 'read' && !story.final && <span class="quiet">A later report is to be expected.</span>}
				</p>
				<Facts story={story} />
				<h2>What was reported</h2>
				{story.reportCount > story.reports.length && (
					<p class="notice">
						The newest {story.reports.length} of {story.reportCount.toLocaleString('en')} reports.
					</p>
				)}
				<ol class="timeline">
					<Submission story={story} />
					{story.reports.map((report) => (
						<Entry report={report} isDeciding={report === deciding} key={report.id} />
					))}
				</ol>
				{story.otherRecipients.length > 0 && <Others recipients={story.otherRecipients} />}
			</section>
			<div class="news" role="status">
				<button id="news" type="button" hidden>
					Show what is new
				</button>
			</div>
		</Layout>
	);
}

function Facts({ story }: { story: MessageStory }): JSX.Element {
	const newest = <Name extends keyof StoryReport>(name: Name) =>
		story.reports.findLast((report) => report[name] !== null)?.[name] ?? null;
	const recipient = newest('recipient');
	const sender = newest('sender');
	const operator = newest('operator');
	return (
		<dl class="facts">
			{recipient && (
				<Fact name="Recipient">
					<Address address={recipient} />
				</Fact>
			)}
			{sender && (
				<Fact name="Sender">
					<Address address={sender} />
				</Fact>
			)}
			{operator && (
				<Fact name="Operator">
					<a href={`.${filterQuery({ text: '', operator })}`}>
						<Text>{operator}</Text>
					</a>
				</Fact>
			)}
			<TextFact name="Handset" text={newest('handset')} />
			<TextFact name="Application" text={newest('applicId')} />
		</dl>
	);
}

function Address({ address }: { address: Record<string, unknown> }): JSX.Element {
	const number = textOf(address['number']);
	const whole = textOf(address['address']) ?? '';
	return (
		<>
			{number === undefined ? (
				<Long>{whole}</Long>
			) : (
				<a href={`.${filterQuery({ text: number })}`}>{<Text>{number}</Text>}</a>
			)}
			{number !== undefined && number !== whole && (
				<small>
					as sent: <Long>{whole}</Long>
				</small>
			)}
		</>
	);
}

function textOf(value: unknown): string | undefined {
	return typeof value === 'string' ? value.slice(0, 300) : undefined;
}

/** Some providers, Sinch among them, write the time of the submission into every report. */
function Submission({ story }: { story: MessageStory }): JSX.Element | null {
	const dates = story.reports.filter(({ kind }) => kind === 'delivery').map(({ date }) => date?.getTime());
	const [first] = dates;
	if (dates.length < 2 || first === undefined || dates.some((date) => date !== first)) return null;
	return (
		<li data-state="pending">
			<p class="step">
				<strong>Submitted</strong> <Time>{new Date(first)}</Time>
			</p>
			<p class="quiet">Every report of this message bears this date.</p>
		</li>
	);
}

function Entry({ report, isDeciding }: { report: StoryReport; isDeciding: boolean }): JSX.Element {
	const isReply = report.kind === 'read';
	return (
		<li data-state={isReply ? 'read' : report.state} id={`report-${report.id}`}>
			<p class="step">
				<strong>{isReply ? `Read reply: ${report.state}` : <Text>{report.mmStatus}</Text>}</strong>{' '}
				{!isReply && <State state={report.state as 'unknown'} />} <Time>{report.receivedAt}</Time>
			</p>
			{isDeciding && !isReply && <p class="quiet">This report determines the state of the message.</p>}
			{report.statusText && (
				<p>
					<Long>{report.statusText}</Long>
				</p>
			)}
			<dl class="facts">
				<Fact name="TransactionID">
					<Long>{report.transactionId}</Long>
				</Fact>
				{report.date && (
					<Fact name="Date in it">
						<Time>{report.date}</Time>
					</Fact>
				)}
				{!report.date && <TextFact name="Date in it" text={report.dateText} />}
				<TextFact name="MMStatusExtension" text={report.mmStatusExtension} />
			</dl>
			<details>
				<summary>All fields and XML</summary>
				<dl class="facts">
					{isReply && <TextFact name="MMStatus" text={report.mmStatus} />}
					<TextFact name="Operator" text={report.operator} />
					<TextFact name="Handset" text={report.handset} />
					<TextFact name="ApplicID" text={report.applicId} />
					<TextFact name="ReplyApplicID" text={report.replyApplicId} />
					<TextFact name="AuxApplicInfo" text={report.auxApplicInfo} />
					<TextFact name="MMSRelayServerID" text={report.mmsRelayServerId} />
					<TextFact name="MM7Version" text={report.mm7Version} />
					<TextFact name="Namespace" text={report.namespace} />
					<Extensions json={report.extensions} />
				</dl>
				<pre>
					<Text lines>{report.xml}</Text>
					{report.xmlLength > report.xml.length && '…'}
				</pre>
				<a class="save" href={`report.xml?id=${report.id}`} download>
					Save the XML as it came ({report.xmlLength.toLocaleString('en')} characters)
				</a>
			</details>
		</li>
	);
}

/** What the vendor added: text by name. A long one is cut, and is no JSON any more. */
function Extensions({ json }: { json: string }): JSX.Element {
	let values: Record<string, unknown>;
	try {
		values = JSON.parse(json);
	} catch {
		values = { 'More fields': json };
	}
	return (
		<>
			{Object.entries(values).map(([name, value]) => (
				<TextFact name={name} text={String(value)} key={name} />
			))}
		</>
	);
}

function Others({ recipients }: { recipients: readonly OtherRecipient[] }): JSX.Element {
	return (
		<>
			<h2>Other recipients of this MessageID</h2>
			<ul class="others">
				{recipients.map(({ key, recipient, state }) => (
					<li key={key}>
						<a href={`message?key=${key}`}>
							<Text>{recipient}</Text>
						</a>{' '}
						<State state={state} />
					</li>
				))}
			</ul>
		</>
	);
}

function TextFact({ name, text }: { name: string; text: string | null }): JSX.Element | null {
	if (!text) return null;
	return (
		<Fact name={name}>
			<Long>{text}</Long>
		</Fact>
	);
}

function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
	return (
		<div>
			<dt>
				<Text>{name}</Text>
			</dt>
			<dd>{children}</dd>
		</div>
	);
}
