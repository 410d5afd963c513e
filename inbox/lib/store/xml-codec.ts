import { deflateRawSync, inflateRawSync } from 'node:zlib';

/**
 * Text that reports have in common, the most frequent last. A dictionary never changes once released, because the XML
 * compressed with it needs it. New dictionaries are added at the end.
 */
const DICTIONARIES: readonly Buffer[] = [
	Buffer.from(
		`<?xml version='1.0' encoding='UTF-8'?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope"><env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header><mm7:TransactionID xmlns:mm7="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-5-MM7-1-0" env:mustUnderstand="1"></mm7:TransactionID></env:Header><env:Body><mm7:DeliveryReportReq xmlns:mm7="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-0"><mm7:MM7Version>5.3.0</mm7:MM7Version><MMSRelayServerID></MMSRelayServerID><mm7:ReadReplyReq><RFC2822Address displayOnly="false" addressCoding="encrypted" id="">/TYPE=PLMN@<ShortCode></ShortCode><TimeStamp></TimeStamp><MMStatusExtension>RejectionByMMSRecipient</MMStatusExtension><ApplicID></ApplicID><ReplyApplicID></ReplyApplicID><AuxApplicInfo></AuxApplicInfo><UACapabilities UAProf="" TimeStamp=""/><Extension><element><key></key><value></value></element></Extension><MMStatus>Deferred</MMStatus><MMStatus>Indeterminate</MMStatus><MMStatus>Forwarded</MMStatus><MMStatus>Rejected</MMStatus><MMStatus>Expired</MMStatus><?xml version="1.0" encoding="UTF-8"?>
<soap-env:Envelope xmlns:soap-env="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4">
<soap-env:Header>
<TransactionID soap-env:mustUnderstand="1"></TransactionID>
</soap-env:Header>
<soap-env:Body>
<DeliveryReportReq>
<MM7Version>6.8.0</MM7Version>
<MessageID></MessageID>
<Recipient><Number></Number></Recipient>
<Sender><Number></Number></Sender>
<Date>202T00:00:00.000Z</Date>
<MMStatus>Retrieved</MMStatus>
<StatusText>Success</StatusText>
</DeliveryReportReq>
</soap-env:Body>
</soap-env:Envelope>
`,
	),
];

/** Compressed XML and the number of the dictionary that decompresses it. */
export interface CompressedXml {
	readonly bytes: Buffer;
	readonly dictionary: number;
}

/** A report is short, so smaller buffers than usual make compressing it faster. */
const BUFFERS = { windowBits: 13, memLevel: 5, chunkSize: 1_024 };

/** Compresses a 1 kB report to a tenth of its size. */
export function compressXml(xml: string): CompressedXml {
	const dictionary = DICTIONARIES.length;
	return { bytes: deflateRawSync(xml, { ...BUFFERS, dictionary: DICTIONARIES[dictionary - 1] }), dictionary };
}

/**
 * @param bytes - as returned by either database driver
 * @throws Error if a newer inbox wrote them
 */
export function decompressXml(bytes: Uint8Array | ArrayBuffer, dictionary: number): string {
	const known = DICTIONARIES[dictionary - 1];
	if (known === undefined) throw new Error(`XML was stored with dictionary ${dictionary}, which is unknown`);
	return inflateRawSync(new Uint8Array(bytes), { dictionary: known }).toString();
}
