/** @jsxRuntime automatic @jsxImportSource preact */
import type { ComponentChildren, JSX } from 'preact';
import { describeMmStatus } from '../../mm-status-words.js';
import { filterQuery } from '../../store/read/filters.js';
import type { StoryAddress, StoryReport } from '../../store/read/message-story.js';
import { Operator } from './operator.js';
import { Link } from './page-info.js';
import { State } from './state.js';
import { Copyable, Long, Text } from './text.js';
import { Time } from './time.js';

/** A one-line summary of a report. */
export function Step({ report }: { report: StoryReport }): JSX.Element {
	const isReply = report.kind === 'read';
	return (
		<p class="step">
			<strong>{isReply ? `Read reply: ${report.state}` : <Text>{report.mmStatus}</Text>}</strong>{' '}
			{!isReply && <State state={report.state as 'unknown'} />}{' '}
			<span class="quiet">
				<Time>{report.receivedAt}</Time>
			</span>
		</p>
	);
}

/** Explains an MMStatus and what to do about it. Shows nothing if the word is not known. */
export function MmStatusMeaning({ mmStatus }: { mmStatus: string }): JSX.Element | null {
	const words = describeMmStatus(mmStatus);
	if (words === undefined) return null;
	return (
		<p class="quiet">
			{words.meaning} {words.advice !== 'Nothing.' && words.advice}
		</p>
	);
}

/** The addresses of a report or message. Addresses with a number link to its messages. */
export function Addresses({ recipient, sender }: AddressesProps): JSX.Element {
	return (
		<>
			{recipient && (
				<Fact name="Recipient">
					<Address {...recipient} />
				</Fact>
			)}
			{sender && (
				<Fact name="Sender">
					<Address {...sender} />
				</Fact>
			)}
		</>
	);
}

interface AddressesProps {
	readonly recipient: StoryAddress | null;
	readonly sender: StoryAddress | null;
}

function Address({ address, number }: StoryAddress): JSX.Element {
	if (number === null) {
		return (
			<Copyable text={address}>
				<Long>{address}</Long>
			</Copyable>
		);
	}
	return (
		<>
			<Copyable text={number}>
				<Link href={`.${filterQuery({ q: number })}`}>
					<Text>{number}</Text>
				</Link>
			</Copyable>
			{number !== address && (
				<small>
					as sent: <Long>{address}</Long>
				</small>
			)}
		</>
	);
}

/** The operator, linked to its messages. */
export function OperatorFact({ operator }: { operator: string | null }): JSX.Element | null {
	if (!operator) return null;
	return (
		<Fact name="Operator">
			<Link href={`.${filterQuery({ operator: [operator.slice(0, 100)] })}`}>
				<Operator id={operator} />
			</Link>
		</Fact>
	);
}

/** A named text, or nothing if it is empty. */
export function TextFact({ name, text }: { name: string; text: string | null }): JSX.Element | null {
	if (!text) return null;
	return (
		<Fact name={name}>
			<Long>{text}</Long>
		</Fact>
	);
}

/** Named content. */
export function Fact({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
	return (
		<div>
			<dt>
				<Text>{name}</Text>
			</dt>
			<dd>{children}</dd>
		</div>
	);
}
