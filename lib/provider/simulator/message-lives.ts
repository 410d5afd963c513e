import { createHash } from 'node:crypto';
import { classifyMmStatus } from '../../mm7/mm-status.js';
import type { DeliveryReportFields } from '../testing/index.js';

/** A report to send. */
export interface PlannedReport {
	/** A read reply, or a delivery report. */
	readonly isReadReply: boolean;
	readonly fields: DeliveryReportFields & { readonly transactionId: string };
	/** It is resent after it was accepted. */
	readonly duplicated: boolean;
}

/** A message that the simulator pretends was submitted. */
export interface PlannedMessage {
	readonly messageId: string;
	readonly recipient: string;
	readonly sender: string;
	/** An id that the application could have given it. */
	readonly reference: string;
	readonly submittedAt: Date;
	/** In sending order; empty if the simulator stays silent about it. */
	readonly reports: readonly PlannedReport[];
}

/** The settings that determine the reports. */
export interface LifeOptions {
	readonly count: number;
	/** Final MMStatus words. */
	readonly statuses: readonly string[];
	/** Share of reports that are duplicated, 0 to 1. */
	readonly duplicates: number;
	/** Share of messages whose reports are sent in reverse order, 0 to 1. */
	readonly outOfOrder: number;
	/** Share of delivered messages that get a read reply, 0 to 1. */
	readonly readReplies: number;
	/** Share of messages without any report, 0 to 1. */
	readonly silent: number;
	readonly seed: number;
}

/** MMStatus of the first report: the message was handed to the mobile network. */
const FIRST_STATUS = 'Forwarded';
const SENDER = '54321';
const SEED_DIGITS = 10;
const PHONE_NUMBERS = 10_000;

/**
 * Makes the messages with their reports, each on demand. A message depends only on the
 * seed and its index, so concurrency does not change it. Different seeds make different ids.
 *
 * @param submittedAt - the Date of the reports; at Sinch it is the time when the message was submitted
 */
export function* messageLives(options: LifeOptions, submittedAt: Date): Generator<PlannedMessage> {
	const { count, statuses, duplicates, outOfOrder, readReplies, silent, seed } = options;
	const run = String(seed).padStart(SEED_DIGITS, '0');
	for (let index = 0; index < count; index++) {
		const digest = createHash('sha256').update(`${seed} ${index}`).digest();
		let used = 0;
		const random = () => digest.readUInt32BE(4 * used++) / 2 ** 32;
		const id = `${run}${String(index).padStart(7, '0')}`;
		const finalStatus = statuses[Math.floor(random() * statuses.length)] as string;
		const recipient = `1201555${String(index % PHONE_NUMBERS).padStart(4, '0')}`;
		const messageId = `4${id}`;
		const plan = (isReadReply: boolean, mmStatus: string, step: number): PlannedReport => {
			const fields = {
				transactionId: `${id}${step}`,
				messageId,
				recipient,
				sender: SENDER,
				mmStatus,
				date: submittedAt,
			};
			return { isReadReply, fields, duplicated: random() < duplicates };
		};
		const reports = lifeOf(finalStatus).map((mmStatus, index) => plan(false, mmStatus, index + 1));
		if (random() < outOfOrder) reports.reverse();
		const isRead = classifyMmStatus(finalStatus).state === 'delivered' && random() < readReplies;
		if (isRead) reports.push(plan(true, 'Read', reports.length + 1));
		const message = { messageId, recipient, sender: SENDER, reference: `simulated-${id}`, submittedAt };
		// drawn last, so that the same seed makes the same reports with and without silence
		yield { ...message, reports: random() < silent ? [] : reports };
	}
}

/** The MMStatus words of a message's reports. A message that ends as forwarded has only one. */
function lifeOf(finalStatus: string): string[] {
	return finalStatus === FIRST_STATUS ? [FIRST_STATUS] : [FIRST_STATUS, finalStatus];
}
