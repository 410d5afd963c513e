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
	readonly seed: number;
}

/** MMStatus of the first report: the message was handed to the mobile network. */
const FIRST_STATUS = 'Forwarded';
const SEED_DIGITS = 10;
const PHONE_NUMBERS = 10_000;

/**
 * Makes the reports of all messages in sending order, those of each message on demand. A message depends only on the
 * seed and its index, so concurrency does not change it. Different seeds make different ids.
 *
 * @param submittedAt - the Date of the reports; at Sinch it is the time when the message was submitted
 */
export function* messageLives(options: LifeOptions, submittedAt: Date): Generator<readonly PlannedReport[]> {
	const { count, statuses, duplicates, outOfOrder, readReplies, seed } = options;
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
			const fields = { transactionId: `${id}${step}`, messageId, recipient, mmStatus, date: submittedAt };
			return { isReadReply, fields, duplicated: random() < duplicates };
		};
		const reports = lifeOf(finalStatus).map((mmStatus, index) => plan(false, mmStatus, index + 1));
		if (random() < outOfOrder) reports.reverse();
		const isRead = classifyMmStatus(finalStatus).state === 'delivered' && random() < readReplies;
		yield isRead ? [...reports, plan(true, 'Read', reports.length + 1)] : reports;
	}
}

/** The MMStatus words of a message's reports. A message that ends as forwarded has only one. */
function lifeOf(finalStatus: string): string[] {
	return finalStatus === FIRST_STATUS ? [FIRST_STATUS] : [FIRST_STATUS, finalStatus];
}
