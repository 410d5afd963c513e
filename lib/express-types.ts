import type { IncomingMessage } from 'node:http';
import type { DeliveryReport, Mm7Envelope, ReadReply } from './mm7/messages.js';

declare global {
	namespace Express {
		interface Request {
			/** The typed report, set before the handler of `mm7DeliveryReports` runs. */
			deliveryReport?: DeliveryReport;
			/** The typed read reply, set before the handler `readReplies` runs. */
			readReply?: ReadReply;
			/** The SOAP message, also of other MM7 operations, set as soon as it was read. */
			mm7Envelope?: Mm7Envelope;
		}
	}
}

// biome-ignore lint/suspicious/noTsIgnore: where Express's types are installed there is nothing to expect
/** @ts-ignore: `any` where Express's types are not installed */
type ExpressRequest = import('express').Request;

/**
 * The request that a handler gets unless its parameter says otherwise: Express's. Where `@types/express` is not
 * installed, Node's with the properties that this package sets. For plain node:http annotate the parameter as
 * `IncomingMessage`.
 */
// in brackets, since a condition on a type that cannot be found is nothing but `any` itself
export type Mm7Request = [0] extends [ExpressRequest] ? IncomingMessage & Express.Request : ExpressRequest;
