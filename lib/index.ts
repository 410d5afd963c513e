export {
	Mm7Error,
	type Mm7ErrorCode,
	type Mm7ErrorDetails,
	Mm7Rejection,
	Mm7ServiceError,
} from './errors.js';
export { EXCHANGE_CHANNEL, type Exchange, type OnExchange } from './exchange.js';
export type { Mm7Request } from './express-types.js';
export { basicAuth } from './http/basic-auth.js';
export { type Middleware, mm7DeliveryReports } from './middleware.js';
export type { Address } from './mm7/address.js';
export type { DeliveryReport, Mm7Envelope, ReadReply } from './mm7/messages.js';
export type { DeliveryState, ReadState } from './mm7/mm-status.js';
export type { Mm7Status } from './mm7/status.js';
export type { DeduplicateOptions, LimitOptions, Options } from './options.js';
export { type ParseOptions, parseDeliveryReport, parseReadReply } from './parse-report.js';
export type { Authenticate } from './steps/admit.js';
export { type DuplicateStore, duplicateKey } from './steps/duplicates.js';
export type { Handler, HandlerContext, OperationHandler, ReadReplyHandler } from './steps/run-handler.js';
export { certaintyOf, supersedes } from './supersedes.js';
