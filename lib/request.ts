import type { IncomingMessage } from 'node:http';
import type { Mm7Envelope } from './steps/read-envelope.js';
import type { DeliveryReport } from './steps/read-report.js';

declare global {
	namespace Express {
		interface Request {
			/** The typed report, set before the handler of `mm7DeliveryReports` runs. */
			deliveryReport?: DeliveryReport;
			/** The SOAP message, also of other MM7 operations, set as soon as it was read. */
			mm7Envelope?: Mm7Envelope;
		}
	}
}

/**
 * The request that a handler gets, as far as it is known without Express's types: Node's, with what middlewares
 * declare for Express. A handler may ask for `express.Request` by annotating its parameter.
 */
export type Mm7Request = IncomingMessage & Express.Request;
