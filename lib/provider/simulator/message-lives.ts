import { classifyMmStatus } from '../../mm7/mm-status.js';
import type { DeliveryReportFields } from '../testing/index.js';
import { randomNumbers } from './random.js';

/** A report that is going to be sent. */
export interface PlannedReport {
	/** A read reply, or a delivery report. */
	readonly isReadReply: boolean;
	readonly transactionId: string;
	readonly fields: DeliveryReportFields;
	/** Whether it is sent once more although it was accepted. */
	readonly duplicated: boolean;
}

/** One message by its reports, in the order in which they are sent. */
export interface MessageLife {
	readonly messageId: string;
	readonly reports: readonly PlannedReport[];
}

/** What the lives depend on. */
export interface LifeOptions {
	readonly count: number;
	/** Final MMStatus words. */
	readonly statuses: readonly string[];
	/** Share of reports that are duplicated, 0 to 1. */
	readonly duplicates: number;
	/** Share of messages whose reports are sent in the opposite order, 0 to 1. */
	readonly outOfOrder: number;
	/** Share of delivered messages that are read, 0 to 1. */
	readonly readReplies: number;
	readonly seed: number;
}

/** MMStatus of the first report: the message was handed to the mobile network. */
const FIRST_STATUS = 'Forwarded';
const DIGITS_OF_SEED = 10;
const TELEPHONE_NUMBERS = 10_000;

/**
 * The lives of all messages, made one by one as they are needed. Each message depends on the seed and on its own
 * place alone, so that concurrency changes nothing. Ids of different seeds are different.
 *
 * @param submittedAt - the Date of the reports, which Sinch sets to the submission of the message
 */
export function* messageLives(options: LifeOptions, submittedAt: Date): Generator<MessageLife> {
	const { count, statuses, duplicates, outOfOrder, readReplies, seed } = options;
	const run = String(seed).padStart(DIGITS_OF_SEED, '0');
	for (let index = 0; index < count; index++) {
		const random = randomNumbers(seed, index);
		const id = `${run}${String(index).padStart(7, '0')}`;
		const finalStatus = statuses[Math.floor(random() * statuses.length)] as string;
		const recipient = `1201555${String(index % TELEPHONE_NUMBERS).padStart(4, '0')}`;
		const messageId = `4${id}`;
		const plan = (isReadReply: boolean, mmStatus: string, step: number): PlannedReport => {
			const transactionId = `${id}${step}`;
			const fields = { transactionId, messageId, recipient, mmStatus, date: submittedAt };
			return { isReadReply, transactionId, fields, duplicated: random() < duplicates };
		};
		const reports = lifeOf(finalStatus).map((mmStatus, index) => plan(false, mmStatus, index + 1));
		if (random() < outOfOrder) reports.reverse();
		const isRead = classifyMmStatus(finalStatus).state === 'delivered' && random() < readReplies;
		yield { messageId, reports: isRead ? [...reports, plan(true, 'Read', reports.length + 1)] : reports };
	}
}

/** A message whose end is to be forwarded has no other report. */
function lifeOf(finalStatus: string): string[] {
	return finalStatus === FIRST_STATUS ? [FIRST_STATUS] : [FIRST_STATUS, finalStatus];
}
