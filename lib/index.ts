export { type Mm7ErrorCode, Mm7Rejection, Mm7ServiceError, PublicMm7Error as Mm7Error } from './errors.js';
export type { Exchange, OnExchange } from './exchange.js';
export type { Mm7Request } from './express-types.js';
export { basicAuth } from './http/basic-auth.js';
export type { LimitOptions } from './limits.js';
export { type Middleware, mm7DeliveryReports } from './middleware.js';
export type { Address } from './mm7/address.js';
export type { DeliveryReport, Mm7Envelope, ReadReply } from './mm7/messages.js';
export type { DeliveryState, ReadState } from './mm7/mm-status.js';
export type { Mm7Status } from './mm7/status.js';
export type { Options } from './options.js';
export {
	type ParsedRequest,
	type ParseOptions,
	parseDeliveryReport,
	parseReadReply,
	parseRequest,
} from './parse-report.js';
export type { Authenticate } from './steps/admit.js';
export { type DeduplicateOptions, type DuplicateStore, duplicateKey } from './steps/duplicates.js';
export type { Handler, HandlerContext, OperationHandler, ReadReplyHandler } from './steps/run-handler.js';
export { certaintyOf, supersedes } from './supersedes.js';
export { EXCHANGE_CHANNEL, HANDLER_CHANNEL } from './tracing.js';
