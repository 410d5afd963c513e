import java.util.Calendar;
import java.util.Hashtable;
import javax.xml.namespace.QName;
import mm7.*;
import org.apache.axis.AxisFault;
import org.apache.axis.Constants;
import org.apache.axis.SimpleTargetedChain;
import org.apache.axis.configuration.BasicClientConfig;
import org.apache.axis.message.SOAPHeaderElement;
import org.apache.axis.transport.http.CommonsHTTPSender;
import org.apache.axis.transport.http.HTTPConstants;
import org.w3c.dom.Element;

/** Axis 1.4 with generated stubs: its own HTTP/1.0 sender, and the other one for HTTP/1.1. */
final class Driver {
	private static final String NAMESPACE =
		"http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4";
	private static final Mm7ServiceLocator OWN_SENDER = new Mm7ServiceLocator();
	private static final Mm7ServiceLocator COMMONS_SENDER = new Mm7ServiceLocator(commonsHttpClient());

	public static void main(String[] arguments) throws Exception {
		Jobs.run(Driver::send);
	}

	private static BasicClientConfig commonsHttpClient() {
		BasicClientConfig config = new BasicClientConfig();
		config.deployTransport("http", new SimpleTargetedChain(new CommonsHTTPSender()));
		return config;
	}

	private static Conclusion send(String url, String user, String password, String way) throws Exception {
		boolean commons = way.equals("keepAlive") || way.equals("chunked") || way.equals("gzip") || way.equals("expect");
		Mm7Soap11Stub stub = (Mm7Soap11Stub) (commons ? COMMONS_SENDER : OWN_SENDER).getMm7Soap11(new java.net.URL(url));
		stub.setTimeout(20_000);
		stub.setHeader(transactionId(way.equals("mustUnderstand")));
		if (!user.isEmpty()) {
			stub.setUsername(user);
			stub.setPassword(password);
		}
		Hashtable<String, String> headers = new Hashtable<>();
		if (commons) headers.put(HTTPConstants.HEADER_TRANSFER_ENCODING_CHUNKED, String.valueOf(way.equals("chunked")));
		if (way.equals("expect")) headers.put(HTTPConstants.HEADER_EXPECT, HTTPConstants.HEADER_EXPECT_100_Continue);
		stub._setProperty(HTTPConstants.REQUEST_HEADERS, headers);
		stub._setProperty(HTTPConstants.MC_GZIP_REQUEST, way.equals("gzip"));
		try {
			GenericResponseType response =
				way.equals("readReply") ? stub.readReply(readReply()) : stub.deliveryReport(report());
			// from a copy of the response that Axis writes, and cannot read back if it contains an emoji
			SOAPHeaderElement header = stub.getResponseHeader(NAMESPACE, "TransactionID");
			return new Conclusion()
				.set("statusCode", response.getStatus().getStatusCode())
				.set("statusText", response.getStatus().getStatusText())
				.set("details", response.getStatus().getDetails())
				.set("mm7Version", response.getMM7Version())
				.set("transactionId", header == null ? null : header.getValue());
		} catch (VaspErrorRspType error) {
			return new Conclusion()
				.set("exception", "VaspErrorRspType")
				.set("message", error.getFaultString())
				.set("vaspError", error.getStatus().getStatusCode());
		} catch (AxisFault fault) {
			Element status = fault.lookupFaultDetail(Constants.QNAME_FAULTDETAIL_HTTPERRORCODE);
			return new Conclusion()
				.set("exception", "AxisFault")
				.set("message", fault.getFaultString())
				.set("httpStatus", status == null ? null : status.getTextContent());
		}
	}

	private static SOAPHeaderElement transactionId(boolean mustUnderstand) throws Exception {
		SOAPHeaderElement header = new SOAPHeaderElement(new QName(NAMESPACE, "TransactionID"));
		header.setObjectValue(Jobs.field("TransactionID"));
		header.setMustUnderstand(mustUnderstand);
		return header;
	}

	private static DeliveryReportReqType report() throws Exception {
		DeliveryReportReqType report = new DeliveryReportReqType();
		report.setMM7Version(VersionType.fromString(Jobs.field("MM7Version")));
		report.setMMSRelayServerID(Jobs.field("MMSRelayServerID"));
		report.setExtension(
			new ExtensionType(new ElementType[] { new ElementType("LinkedID", Jobs.field("LinkedID")) }));
		report.setMessageID(Jobs.field("MessageID"));
		report.setRecipient(recipient());
		report.setSender(sender());
		report.setDate(date());
		report.setMMStatus(MmDeliveryStatusType.fromString(Jobs.field("MMStatus")));
		report.setMMStatusExtension(MmStatusExtensionType.fromString(Jobs.field("MMStatusExtension")));
		report.setStatusText(Jobs.field("StatusText"));
		report.setApplicID(Jobs.field("ApplicID"));
		report.setReplyApplicID(Jobs.field("ReplyApplicID"));
		report.setAuxApplicInfo(Jobs.field("AuxApplicInfo"));
		report.setUACapabilities(new CapabilitiesType(Jobs.field("UAProf"), Jobs.field("UATimeStamp")));
		return report;
	}

	private static ReadReplyReqType readReply() throws Exception {
		ReadReplyReqType reply = new ReadReplyReqType();
		reply.setMM7Version(VersionType.fromString(Jobs.field("MM7Version")));
		reply.setMMSRelayServerID(Jobs.field("MMSRelayServerID"));
		reply.setMessageID(Jobs.field("MessageID"));
		reply.setRecipient(recipient());
		reply.setSender(sender());
		reply.setTimeStamp(date());
		reply.setMMStatus(MmReadStatusType.Read);
		reply.setStatusText(Jobs.field("StatusText"));
		reply.setApplicID(Jobs.field("ApplicID"));
		reply.setReplyApplicID(Jobs.field("ReplyApplicID"));
		reply.setAuxApplicInfo(Jobs.field("AuxApplicInfo"));
		return reply;
	}

	private static AddressType recipient() {
		AddressType address = new AddressType();
		address.setNumber(new AddressValueType(Jobs.field("Recipient")));
		address.getNumber().setDisplayOnly(true);
		address.getNumber().setAddressCoding(AddressCodingType.encrypted);
		return address;
	}

	private static AddressType sender() {
		AddressType address = new AddressType();
		address.setShortCode(new AddressValueType(Jobs.field("Sender")));
		return address;
	}

	private static Calendar date() {
		Calendar date = Calendar.getInstance();
		date.setTimeInMillis(java.time.Instant.parse(Jobs.field("Date")).toEpochMilli());
		return date;
	}
}
