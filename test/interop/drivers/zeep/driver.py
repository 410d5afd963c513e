"""zeep, strict as it is by default. Reads jobs from standard input, see ../README.md."""

import os
import re
import sys

import requests
import zeep
from lxml import etree
from zeep.transports import Transport

NAMESPACE = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"
MUST_UNDERSTAND = "{http://schemas.xmlsoap.org/soap/envelope/}mustUnderstand"
field = os.environ.__getitem__
TEXTS = ("MM7Version", "MMSRelayServerID", "MessageID", "StatusText", "ApplicID", "ReplyApplicID", "AuxApplicInfo")
COMMON = dict(
    {name: field(name) for name in TEXTS},
    Recipient={"Number": {"_value_1": field("Recipient"), "displayOnly": True, "addressCoding": "encrypted"}},
    Sender={"ShortCode": {"_value_1": field("Sender"), "displayOnly": False}},
)
REPORT = dict(
    COMMON,
    Extension={"MessageExtraData": {"element": [{"key": "LinkedID", "value": field("LinkedID")}]}},
    Date=field("Date"),
    MMStatus=field("MMStatus"),
    MMStatusExtension=field("MMStatusExtension"),
    UACapabilities={"UAProf": field("UAProf"), "TimeStamp": field("UATimeStamp")},
)
READ_REPLY = dict(COMMON, TimeStamp=field("Date"), MMStatus="Read")


def clients(wsdl, soap12_wsdl):
    """One client for SOAP 1.1, one for 1.2, on a session that keeps its connections."""
    session = requests.Session()
    transport = Transport(session=session, operation_timeout=20)
    return session, {
        "Soap11": zeep.Client(wsdl, transport=transport),
        "Soap12": zeep.Client(soap12_wsdl, transport=transport),
    }


def headers(way):
    if way != "mustUnderstand":
        return {"TransactionID": {"_value_1": field("TransactionID")}}
    marked = etree.Element("{%s}TransactionID" % NAMESPACE, {MUST_UNDERSTAND: "1"})
    marked.text = field("TransactionID")
    return [marked]


def send(session, soap_clients, url, user, password, way):
    session.auth = (user, password) if user else None
    version = "Soap12" if way == "soap12" else "Soap11"
    client = soap_clients[version]
    service = client.create_service("{%s}Mm7%s" % (NAMESPACE, version), url)
    operation, fields = ("ReadReply", READ_REPLY) if way == "readReply" else ("DeliveryReport", REPORT)
    try:
        envelope = service[operation](**fields, _soapheaders=headers(way))
        response = envelope.body
        return {
            "statusCode": response.Status.StatusCode,
            "statusText": response.Status.StatusText,
            "details": response.Status.Details,
            "mm7Version": response.MM7Version,
            "transactionId": envelope.header.TransactionID._value_1,
        }
    except zeep.exceptions.Fault as fault:
        code = None if fault.detail is None else fault.detail.findtext(".//{%s}StatusCode" % NAMESPACE)
        return {"exception": "Fault", "message": fault.message, "vaspError": code}
    except zeep.exceptions.Error as error:
        return {
            "exception": type(error).__name__,
            "message": str(error),
            "httpStatus": getattr(error, "status_code", None),
        }


session, soap_clients = clients(*sys.argv[1:])
for line in sys.stdin:
    conclusion = send(session, soap_clients, *line.rstrip("\n").split("\t"))
    known = [(name, re.sub(r"\s", " ", str(value))) for name, value in conclusion.items() if value is not None]
    print(*(f"{name}={value}" for name, value in known), sep="\t", flush=True)
