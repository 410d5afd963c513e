export type { AddressFields, DeliveryReportFields, Mm7Release, ReadReplyFields } from './fields.js';
export type { Attachment, Bytes, RequestForm } from './forms.js';
export { type Mm7Response, parseResponse } from './parse-response.js';
export {
	type DeliveryReportRequest,
	deliveryReportRequest,
	type RequestOptions,
	readReplyRequest,
} from './request.js';
export { judgeAsSinch, type SentReport, type SinchVerdict } from './verdict.js';
