const BODY = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/" xmlns=
"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4">
<soap-env:Header>
<TransactionID soap-env:mustUnderstand="1">0070004711</TransactionID>
</soap-env:Header>
<soap-env:Body>
<DeliveryReportReq>
<MM7Version>6.8.0</MM7Version>
<MessageID>480000000000004711</MessageID>
<Recipient>
<Number>12015550147</Number>
</Recipient>
<Sender>
<Number>54321</Number>
</Sender>
<Date>2026-03-16T14:03:51.749Z</Date>
<MMStatus>Retrieved</MMStatus>
<StatusText>Success</StatusText>
<UACapabilities UAProf="Example Phone" />
</DeliveryReportReq>
</soap-env:Body>
</soap-env:Envelope>
`;

/** A request as Sinch documents it, byte for byte: multipart/related without a boundary, and bare XML. */
exports.SINCH_REQUEST = `POST /mm7 HTTP/1.1\r
SOAPAction: "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"\r
Content-Type: multipart/related; type="text/xml";\r
Host: receiver.example\r
Content-Length: ${Buffer.byteLength(BODY)}\r
x-mblox-operator-id: 0001234\r
Connection: close\r
\r
${BODY}`;
