import type { IncomingMessage } from 'node:http';
import type { DeliveryReport, Mm7Envelope, ReadReply } from './mm7/messages.js';

declare global {
	namespace Express {
		interface Request {
			/** The typed report, set before the handler of `mm7DeliveryReports` runs. */
			deliveryReport?: DeliveryReport;
			/** The typed read reply, set before the handler `readReplies` runs. */
			readReply?: ReadReply;
			/** The SOAP message, also of other MM7 operations, set once it was read. */
			mm7Envelope?: Mm7Envelope;
		}
	}
}

// biome-ignore lint/suspicious/noTsIgnore: with Express's types there is no error to expect
/** @ts-ignore: `any` without Express's types */
type ExpressRequest = import('express').Request;

/**
 * The request of a handler: Express's, or without `@types/express`, Node's with the properties that this package sets.
 * For plain node:http annotate the parameter as `IncomingMessage`.
 */
// in brackets, since a condition on a type that cannot be found would be `any`
export type Mm7Request = [0] extends [ExpressRequest] ? IncomingMessage & Express.Request : ExpressRequest;
