using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Web.Services;
using System.Web.Services.Description;
using System.Web.Services.Protocols;
using System.Xml;
using System.Xml.Serialization;
using Mm7;

/// <summary>Mono's asmx client with a generated class.</summary>
[WebServiceBinding(Name = "Mm7Soap11", Namespace = Client.Namespace)]
sealed class Client : Mm7Service {
	const string Namespace = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4";

	public bool Chunked;

	/// <summary>As generated from a service description that declares the header for requests only.</summary>
	[SoapHeader("TransactionIDValue", Direction = SoapHeaderDirection.In)]
	[SoapDocumentMethod("", Use = SoapBindingUse.Literal, ParameterStyle = SoapParameterStyle.Bare)]
	[return: XmlElement("DeliveryReportRsp", Namespace = Namespace)]
	public genericResponseType RequestHeaderOnly([XmlElement("DeliveryReportReq", Namespace = Namespace)] deliveryReportReqType report) {
		return (genericResponseType)Invoke("RequestHeaderOnly", new object[] { report })[0];
	}

	protected override WebRequest GetWebRequest(Uri uri) {
		var request = (HttpWebRequest)base.GetWebRequest(uri);
		request.SendChunked = Chunked;
		return request;
	}
}

/// <summary>Reads jobs from standard input, see ../README.md.</summary>
static class Driver {
	static string Field(string name) { return Environment.GetEnvironmentVariable(name); }

	static void Main() {
		var jobs = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false));
		var conclusions = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false)) { AutoFlush = true };
		for (string job; (job = jobs.ReadLine()) != null;) {
			var words = job.Split('\t');
			var known = Send(words[0], words[1], words[2], words[3]).Where(entry => entry.Value != null);
			conclusions.WriteLine(string.Join("\t", known.Select(entry => entry.Key + "=" + Regex.Replace(entry.Value, @"\s", " "))));
		}
	}

	static Dictionary<string, string> Send(string url, string user, string password, string way) {
		var client = new Client {
			Url = url,
			Timeout = 20000,
			Chunked = way == "chunked",
			SoapVersion = way == "soap12" ? SoapProtocolVersion.Soap12 : SoapProtocolVersion.Soap11,
			TransactionIDValue = new TransactionID { Value = Field("TransactionID"), MustUnderstand = way == "mustUnderstand" },
		};
		if (user != "") client.Credentials = new NetworkCredential(user, password);
		try {
			var response =
				way == "readReply" ? client.ReadReply(ReadReply())
				: way == "requestHeader" ? client.RequestHeaderOnly(Report())
				: client.DeliveryReport(Report());
			return new Dictionary<string, string> {
				{ "statusCode", response.Status.StatusCode },
				{ "statusText", response.Status.StatusText },
				{ "details", response.Status.Details },
				{ "mm7Version", response.MM7Version == versionType.Item680 ? "6.8.0" : response.MM7Version.ToString() },
				{ "transactionId", client.TransactionIDValue.Value },
			};
		} catch (SoapException exception) {
			var code = exception.Detail == null ? null : exception.Detail.SelectSingleNode(".//*[local-name()='StatusCode']");
			return new Dictionary<string, string> {
				{ "exception", exception.GetType().Name },
				{ "message", exception.Message },
				{ "vaspError", code == null ? null : code.InnerText },
			};
		} catch (WebException exception) {
			var httpResponse = exception.Response as HttpWebResponse;
			return new Dictionary<string, string> {
				{ "exception", "WebException" },
				{ "message", exception.Message },
				{ "httpStatus", httpResponse == null ? null : ((int)httpResponse.StatusCode).ToString() },
			};
		} catch (Exception exception) {
			return new Dictionary<string, string> {
				{ "exception", exception.GetType().Name },
				{ "message", exception.Message },
			};
		}
	}

	static deliveryReportReqType Report() {
		return new deliveryReportReqType {
			MM7Version = versionType.Item680,
			MMSRelayServerID = Field("MMSRelayServerID"),
			Extension = new extensionType {
				MessageExtraData = new[] { new elementType { key = "LinkedID", value = Field("LinkedID") } },
			},
			MessageID = Field("MessageID"),
			Recipient = Recipient(),
			Sender = Sender(),
			Date = XmlConvert.ToDateTime(Field("Date"), XmlDateTimeSerializationMode.Utc),
			MMStatus = (mmDeliveryStatusType)Enum.Parse(typeof(mmDeliveryStatusType), Field("MMStatus")),
			MMStatusExtension = (mmStatusExtensionType)Enum.Parse(typeof(mmStatusExtensionType), Field("MMStatusExtension")),
			MMStatusExtensionSpecified = true,
			StatusText = Field("StatusText"),
			ApplicID = Field("ApplicID"),
			ReplyApplicID = Field("ReplyApplicID"),
			AuxApplicInfo = Field("AuxApplicInfo"),
			UACapabilities = new capabilitiesType { UAProf = Field("UAProf"), TimeStamp = Field("UATimeStamp") },
		};
	}

	static readReplyReqType ReadReply() {
		return new readReplyReqType {
			MM7Version = versionType.Item680,
			MMSRelayServerID = Field("MMSRelayServerID"),
			MessageID = Field("MessageID"),
			Recipient = Recipient(),
			Sender = Sender(),
			TimeStamp = XmlConvert.ToDateTime(Field("Date"), XmlDateTimeSerializationMode.Utc),
			MMStatus = mmReadStatusType.Read,
			StatusText = Field("StatusText"),
			ApplicID = Field("ApplicID"),
			ReplyApplicID = Field("ReplyApplicID"),
			AuxApplicInfo = Field("AuxApplicInfo"),
		};
	}

	static addressType Recipient() {
		return new addressType {
			ItemElementName = ItemChoiceType.Number,
			Item = new addressValueType {
				Value = Field("Recipient"),
				displayOnly = true,
				displayOnlySpecified = true,
				addressCoding = addressCodingType.encrypted,
				addressCodingSpecified = true,
			},
		};
	}

	static addressType Sender() {
		return new addressType {
			ItemElementName = ItemChoiceType.ShortCode,
			Item = new addressValueType { Value = Field("Sender"), displayOnly = false, displayOnlySpecified = true },
		};
	}
}
