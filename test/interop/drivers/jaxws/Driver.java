import com.sun.xml.ws.developer.JAXWSProperties;
import com.sun.xml.ws.developer.SchemaValidationFeature;
import java.io.File;
import java.net.Authenticator;
import java.net.PasswordAuthentication;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.namespace.QName;
import javax.xml.soap.SOAPException;
import javax.xml.soap.SOAPHeaderElement;
import javax.xml.ws.BindingProvider;
import javax.xml.ws.Holder;
import javax.xml.ws.WebServiceException;
import javax.xml.ws.handler.MessageContext;
import javax.xml.ws.handler.soap.SOAPHandler;
import javax.xml.ws.handler.soap.SOAPMessageContext;
import javax.xml.ws.soap.MTOMFeature;
import mm7.*;

/** The JAX-WS reference implementation with generated stubs; it validates each response against the schema. */
final class Driver {
	private static Mm7Service service;
	private static Mm7Soap12Service soap12Service;

	public static void main(String[] arguments) throws Exception {
		service = new Mm7Service(new File(arguments[0]).toURI().toURL());
		soap12Service = new Mm7Soap12Service(new File(arguments[1]).toURI().toURL());
		Jobs.run(Driver::send);
	}

	private static Conclusion send(String url, String user, String password, String way) throws Exception {
		Mm7PortType port = port(way);
		BindingProvider provider = (BindingProvider) port;
		Map<String, Object> context = provider.getRequestContext();
		context.put(BindingProvider.ENDPOINT_ADDRESS_PROPERTY, url);
		context.put(JAXWSProperties.REQUEST_TIMEOUT, 20_000);
		if (way.equals("chunked")) context.put(JAXWSProperties.HTTP_CLIENT_STREAMING_CHUNK_SIZE, 64);
		if (way.equals("mustUnderstand")) provider.getBinding().setHandlerChain(List.of(new MustUnderstand()));
		// sent at once, or only after the challenge of the receiver
		boolean waits = way.equals("challenge");
		if (!user.isEmpty() && !waits) {
			context.put(BindingProvider.USERNAME_PROPERTY, user);
			context.put(BindingProvider.PASSWORD_PROPERTY, password);
		}
		Authenticator.setDefault(waits ? authenticator(user, password) : null);

		TransactionID transactionId = new TransactionID();
		transactionId.setValue(Jobs.field("TransactionID"));
		Holder<TransactionID> header = new Holder<>(transactionId);
		Conclusion conclusion = new Conclusion();
		try {
			GenericResponseType response =
				way.equals("readReply") ? port.readReply(readReply(), header) : port.deliveryReport(report(), header);
			conclusion
				.set("statusCode", response.getStatus().getStatusCode())
				.set("statusText", response.getStatus().getStatusText())
				.set("details", response.getStatus().getDetails())
				.set("mm7Version", response.getMM7Version())
				.set("transactionId", header.value.getValue());
		} catch (VASPErrorRsp error) {
			conclusion
				.set("exception", "VASPErrorRsp")
				.set("message", error.getMessage())
				.set("vaspError", error.getFaultInfo().getStatus().getStatusCode());
		} catch (WebServiceException exception) {
			conclusion.set("exception", exception.getClass().getSimpleName()).set("message", exception.getMessage());
		}
		Map<String, Object> responseContext = provider.getResponseContext();
		return conclusion.set("httpStatus", responseContext == null ? null : responseContext.get(MessageContext.HTTP_RESPONSE_CODE));
	}

	private static Mm7PortType port(String way) {
		if (way.equals("mtom")) return service.getMm7Soap11(new MTOMFeature(0));
		if (way.equals("soap12")) return soap12Service.getMm7Soap12(new SchemaValidationFeature());
		return service.getMm7Soap11(new SchemaValidationFeature());
	}

	private static Authenticator authenticator(String user, String password) {
		return new Authenticator() {
			@Override
			protected PasswordAuthentication getPasswordAuthentication() {
				return new PasswordAuthentication(user, password.toCharArray());
			}
		};
	}

	private static DeliveryReportReqType report() throws Exception {
		DeliveryReportReqType report = new DeliveryReportReqType();
		report.setMM7Version(Jobs.field("MM7Version"));
		report.setMMSRelayServerID(Jobs.field("MMSRelayServerID"));
		ElementType element = new ElementType();
		element.setKey("LinkedID");
		element.setValue(Jobs.field("LinkedID"));
		report.setExtension(new ExtensionType());
		report.getExtension().setMessageExtraData(new MessageExtraDataType());
		report.getExtension().getMessageExtraData().getElement().add(element);
		report.setMessageID(Jobs.field("MessageID"));
		report.setRecipient(recipient());
		report.setSender(sender());
		report.setDate(date());
		report.setMMStatus(MmDeliveryStatusType.fromValue(Jobs.field("MMStatus")));
		report.setMMStatusExtension(MmStatusExtensionType.fromValue(Jobs.field("MMStatusExtension")));
		report.setStatusText(Jobs.field("StatusText"));
		report.setApplicID(Jobs.field("ApplicID"));
		report.setReplyApplicID(Jobs.field("ReplyApplicID"));
		report.setAuxApplicInfo(Jobs.field("AuxApplicInfo"));
		report.setUACapabilities(new CapabilitiesType());
		report.getUACapabilities().setUAProf(Jobs.field("UAProf"));
		report.getUACapabilities().setTimeStamp(Jobs.field("UATimeStamp"));
		return report;
	}

	private static ReadReplyReqType readReply() throws Exception {
		ReadReplyReqType reply = new ReadReplyReqType();
		reply.setMM7Version(Jobs.field("MM7Version"));
		reply.setMMSRelayServerID(Jobs.field("MMSRelayServerID"));
		reply.setMessageID(Jobs.field("MessageID"));
		reply.setRecipient(recipient());
		reply.setSender(sender());
		reply.setTimeStamp(date());
		reply.setMMStatus(MmReadStatusType.READ);
		reply.setStatusText(Jobs.field("StatusText"));
		reply.setApplicID(Jobs.field("ApplicID"));
		reply.setReplyApplicID(Jobs.field("ReplyApplicID"));
		reply.setAuxApplicInfo(Jobs.field("AuxApplicInfo"));
		return reply;
	}

	private static AddressType recipient() {
		AddressType address = new AddressType();
		address.setNumber(new AddressValueType());
		address.getNumber().setValue(Jobs.field("Recipient"));
		address.getNumber().setDisplayOnly(true);
		address.getNumber().setAddressCoding(AddressCodingType.ENCRYPTED);
		return address;
	}

	private static AddressType sender() {
		AddressType address = new AddressType();
		address.setShortCode(new AddressValueType());
		address.getShortCode().setValue(Jobs.field("Sender"));
		address.getShortCode().setDisplayOnly(false);
		return address;
	}

	private static XMLGregorianCalendar date() throws Exception {
		return DatatypeFactory.newInstance().newXMLGregorianCalendar(Jobs.field("Date"));
	}

	/** Marks the header of each request. */
	private static final class MustUnderstand implements SOAPHandler<SOAPMessageContext> {
		@Override
		public boolean handleMessage(SOAPMessageContext context) {
			if (!Boolean.TRUE.equals(context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY))) return true;
			try {
				Iterator<?> headers = context.getMessage().getSOAPHeader().examineAllHeaderElements();
				while (headers.hasNext()) ((SOAPHeaderElement) headers.next()).setMustUnderstand(true);
			} catch (SOAPException exception) {
				throw new WebServiceException(exception);
			}
			return true;
		}

		@Override
		public Set<QName> getHeaders() {
			return Collections.emptySet();
		}

		@Override
		public boolean handleFault(SOAPMessageContext context) {
			return true;
		}

		@Override
		public void close(MessageContext context) {}
	}
}
