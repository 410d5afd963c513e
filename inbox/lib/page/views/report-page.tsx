/** @jsxRuntime automatic @jsxImportSource preact */
import type { JSX } from 'preact';
import type { WholeReport } from '../../store/read/message-story.js';
import { Layout } from './layout.js';
import { Link } from './page-info.js';
import { Addresses, MmStatusMeaning, OperatorFact, Step, TextFact } from './report-facts.js';
import { Text } from './text.js';

/** One report or read reply with all its fields and its XML. */
export function ReportPage({ report }: { report: WholeReport }): JSX.Element {
	return (
		<Layout title={`Report ${report.id}`}>
			<section class="card" aria-labelledby="report-title">
				<h1 id="report-title">Report {report.id}</h1>
				<Step report={report} />
				{report.kind === 'delivery' && <MmStatusMeaning mmStatus={report.mmStatus} />}
				<p>
					<Link href={`message?key=${report.messageKey}`}>All reports of this message</Link>
				</p>
				<dl class="facts">
					<Addresses {...report} />
					<TextFact name="TransactionID" text={report.transactionId} />
					<TextFact name="Date" text={report.dateText} />
					<TextFact name="MMStatus" text={report.mmStatus} />
					<TextFact name="MMStatusExtension" text={report.mmStatusExtension} />
					<TextFact name="StatusText" text={report.statusText} />
					<OperatorFact operator={report.operator} />
					<TextFact name="Handset" text={report.handset} />
					<TextFact name="ApplicID" text={report.applicId} />
					<TextFact name="ReplyApplicID" text={report.replyApplicId} />
					<TextFact name="AuxApplicInfo" text={report.auxApplicInfo} />
					<TextFact name="MMSRelayServerID" text={report.mmsRelayServerId} />
					<TextFact name="MM7Version" text={report.mm7Version} />
					<TextFact name="Namespace" text={report.namespace} />
					<Extensions json={report.extensions} />
				</dl>
				<h2>XML</h2>
				<pre>
					<Text lines>{report.xml}</Text>
					{report.xmlLength > report.xml.length && '…'}
				</pre>
				<a href={`report.xml?id=${report.id}`} download>
					Download the original XML ({report.xmlLength.toLocaleString('en')} characters)
				</a>
			</section>
		</Layout>
	);
}

/** The vendor's extensions: text by name. If they were truncated, they are not valid JSON. */
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
