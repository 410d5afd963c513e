const NAMESPACE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';

/** The Content-Type of the fixed response. */
export const XML = 'text/xml; charset=utf-8';

/** The response of the rows that read nothing: the same bytes for every request. */
export const FIXED =
	'<?xml version="1.0" encoding="UTF-8"?>\n' +
	'<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header>' +
	`<TransactionID xmlns="${NAMESPACE}" env:mustUnderstand="1">10000000</TransactionID></env:Header>` +
	`<env:Body><DeliveryReportRsp xmlns="${NAMESPACE}"><MM7Version>6.8.0</MM7Version><Status>` +
	'<StatusCode>1000</StatusCode><StatusText>Success</StatusText></Status></DeliveryReportRsp></env:Body></env:Envelope>';
