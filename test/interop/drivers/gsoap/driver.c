/* gSOAP with strict validation and generated stubs. Reads jobs from standard input, see ../README.md. */
#include "soapH.h"
#include "Mm7Soap11.nsmap"

#define ALL(pointer) ((pointer) = soap_malloc(soap, sizeof *(pointer)), memset((pointer), 0, sizeof *(pointer)), (pointer))

static enum xsd__boolean yes = xsd__boolean__true_, no = xsd__boolean__false_;

static struct ns1__addressType *number(struct soap *soap) {
	static enum ns1__addressCodingType coding = ns1__addressCodingType__encrypted;
	struct ns1__addressType *address = ALL(address);
	address->__union_addressType = SOAP_UNION__ns1__union_addressType_Number;
	ALL(address->union_addressType.Number)->__item = getenv("Recipient");
	address->union_addressType.Number->displayOnly = &yes;
	address->union_addressType.Number->addressCoding = &coding;
	return address;
}

static struct ns1__addressType *shortCode(struct soap *soap) {
	struct ns1__addressType *address = ALL(address);
	address->__union_addressType = SOAP_UNION__ns1__union_addressType_ShortCode;
	ALL(address->union_addressType.ShortCode)->__item = getenv("Sender");
	address->union_addressType.ShortCode->displayOnly = &no;
	return address;
}

static struct ns1__extensionType *extension(struct soap *soap) {
	struct ns1__extensionType *extension = ALL(extension);
	struct ns1__elementType *element = ALL(element);
	element->key = "LinkedID";
	element->value = getenv("LinkedID");
	ALL(extension->MessageExtraData)->__sizeelement = 1;
	extension->MessageExtraData->element = element;
	return extension;
}

static struct ns1__deliveryReportReqType *report(struct soap *soap) {
	struct ns1__deliveryReportReqType *report = ALL(report);
	soap_s2ns1__versionType(soap, getenv("MM7Version"), &report->MM7Version);
	report->MMSRelayServerID = getenv("MMSRelayServerID");
	report->Extension = extension(soap);
	report->MessageID = getenv("MessageID");
	report->Recipient = number(soap);
	report->Sender = shortCode(soap);
	soap_s2dateTime(soap, getenv("Date"), &report->Date);
	soap_s2ns1__mmDeliveryStatusType(soap, getenv("MMStatus"), &report->MMStatus);
	soap_s2ns1__mmStatusExtensionType(soap, getenv("MMStatusExtension"), ALL(report->MMStatusExtension));
	report->StatusText = getenv("StatusText");
	report->ApplicID = getenv("ApplicID");
	report->ReplyApplicID = getenv("ReplyApplicID");
	report->AuxApplicInfo = getenv("AuxApplicInfo");
	ALL(report->UACapabilities)->UAProf = getenv("UAProf");
	report->UACapabilities->TimeStamp = getenv("UATimeStamp");
	return report;
}

static struct ns1__readReplyReqType *readReply(struct soap *soap) {
	struct ns1__readReplyReqType *reply = ALL(reply);
	soap_s2ns1__versionType(soap, getenv("MM7Version"), &reply->MM7Version);
	reply->MMSRelayServerID = getenv("MMSRelayServerID");
	reply->MessageID = getenv("MessageID");
	reply->Recipient = number(soap);
	reply->Sender = shortCode(soap);
	soap_s2dateTime(soap, getenv("Date"), &reply->TimeStamp);
	reply->MMStatus = ns1__mmReadStatusType__Read;
	reply->StatusText = getenv("StatusText");
	reply->ApplicID = getenv("ApplicID");
	reply->ReplyApplicID = getenv("ReplyApplicID");
	reply->AuxApplicInfo = getenv("AuxApplicInfo");
	return reply;
}

static const char *separator;

static void text(const char *key, const char *value) {
	if (!value) return;
	printf("%s%s=", separator, key);
	for (; *value; value++) putchar((unsigned char)*value < ' ' ? ' ' : *value);
	separator = "\t";
}

static void failure(struct soap *soap) {
	struct ns1__vaspErrorRspType *error = NULL;
	if (soap->fault && soap->fault->detail) error = soap->fault->detail->ns1__VASPErrorRsp;
	if (soap->fault && soap->fault->SOAP_ENV__Detail) error = soap->fault->SOAP_ENV__Detail->ns1__VASPErrorRsp;
	text("exception", soap->error == SOAP_FAULT ? "SOAP_FAULT" : "error");
	text("message", soap_fault_string(soap));
	if (error) text("vaspError", error->Status->StatusCode);
	printf("\thttpStatus=%d", soap->status);
}

static void success(struct soap *soap, struct ns1__genericResponseType *response) {
	text("statusCode", response->Status->StatusCode);
	text("statusText", response->Status->StatusText);
	text("details", response->Status->Details);
	text("mm7Version", soap_ns1__versionType2s(soap, response->MM7Version));
	if (soap->header && soap->header->ns1__TransactionID) text("transactionId", soap->header->ns1__TransactionID->__item);
}

static const struct Namespace *soap12_namespaces(void) {
	static struct Namespace soap12[sizeof namespaces / sizeof *namespaces];
	memcpy(soap12, namespaces, sizeof namespaces);
	soap12[0].ns = "http://www.w3.org/2003/05/soap-envelope";
	soap12[1].ns = "http://www.w3.org/2003/05/soap-encoding";
	return soap12;
}

static void send_report(struct soap *soap, const char *url, const char *user, const char *password, const char *way) {
	struct ns1__genericResponseType response;
	int result;
	soap_set_namespaces(soap, strcmp(way, "soap12") ? namespaces : soap12_namespaces());
	soap_clr_omode(soap, SOAP_IO_CHUNK | SOAP_ENC_ZLIB | SOAP_ENC_MTOM | SOAP_ENC_MIME);
	if (!strcmp(way, "chunked")) soap_set_omode(soap, SOAP_IO_CHUNK);
	if (!strcmp(way, "gzip")) soap_set_omode(soap, SOAP_ENC_ZLIB);
	if (!strcmp(way, "mtom")) {
		soap_set_omode(soap, SOAP_ENC_MTOM);
		soap_set_mime(soap, NULL, NULL);
	}
	soap->userid = *user ? user : NULL;
	soap->passwd = *user ? password : NULL;
	ALL(soap->header)->ns1__TransactionID = NULL;
	ALL(soap->header->ns1__TransactionID)->__item = getenv("TransactionID");

	if (!strcmp(way, "readReply")) result = soap_call___ns1__ReadReply(soap, url, "", readReply(soap), &response);
	else result = soap_call___ns1__DeliveryReport(soap, url, "", report(soap), &response);

	separator = "";
	if (result == SOAP_OK) success(soap, &response);
	else failure(soap);
	putchar('\n');
	fflush(stdout);
	soap_destroy(soap);
	soap_end(soap);
}

int main(void) {
	char job[1024];
	struct soap *soap = soap_new1(SOAP_XML_STRICT | SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE);
	soap->send_timeout = soap->recv_timeout = 20;
	while (fgets(job, sizeof job, stdin)) {
		char *rest = job;
		const char *url = strsep(&rest, "\t\n"), *user = strsep(&rest, "\t\n"), *password = strsep(&rest, "\t\n");
		send_report(soap, url, user, password, strsep(&rest, "\t\n"));
	}
	soap_free(soap);
	return 0;
}
