"""zeep, strict as it is by default. Reads jobs from standard input, see ../README.md."""

import json
import os
import sys

import requests
import zeep
from lxml import etree
from zeep.transports import Transport

NAMESPACE = "http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4"
MUST_UNDERSTAND = "{http://schemas.xmlsoap.org/soap/envelope/}mustUnderstand"
field = os.environ.__getitem__
RECIPIENT = {"Number": {"_value_1": field("Recipient"), "displayOnly": True, "addressCoding": "encrypted"}}
SENDER = {"ShortCode": {"_value_1": field("Sender"), "displayOnly": False}}


def report():
    return dict(
        MM7Version=field("MM7Version"),
        MMSRelayServerID=field("MMSRelayServerID"),
        Extension={"MessageExtraData": {"element": [{"key": "LinkedID", "value": field("LinkedID")}]}},
        MessageID=field("MessageID"),
        Recipient=RECIPIENT,
        Sender=SENDER,
        Date=field("Date"),
        MMStatus=field("MMStatus"),
        MMStatusExtension=field("MMStatusExtension"),
        StatusText=field("StatusText"),
        ApplicID=field("ApplicID"),
        ReplyApplicID=field("ReplyApplicID"),
        AuxApplicInfo=field("AuxApplicInfo"),
        UACapabilities={"UAProf": field("UAProf"), "TimeStamp": field("UATimeStamp")},
    )


def read_reply():
    return dict(
        MM7Version=field("MM7Version"),
        MMSRelayServerID=field("MMSRelayServerID"),
        MessageID=field("MessageID"),
        Recipient=RECIPIENT,
        Sender=SENDER,
        TimeStamp=field("Date"),
        MMStatus="Read",
        StatusText=field("StatusText"),
        ApplicID=field("ApplicID"),
        ReplyApplicID=field("ReplyApplicID"),
        AuxApplicInfo=field("AuxApplicInfo"),
    )


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
    operation, fields = ("ReadReply", read_reply()) if way == "readReply" else ("DeliveryReport", report())
    try:
        answer = service[operation](**fields, _soapheaders=headers(way))
        response = answer.body
        return {
            "statusCode": int(response.Status.StatusCode),
            "statusText": response.Status.StatusText,
            "details": response.Status.Details,
            "mm7Version": response.MM7Version,
            "transactionId": answer.header.TransactionID._value_1,
        }
    except zeep.exceptions.Fault as fault:
        code = None if fault.detail is None else fault.detail.findtext(".//{%s}StatusCode" % NAMESPACE)
        return {"exception": "Fault", "message": fault.message, "vaspError": code and int(code)}
    except zeep.exceptions.Error as error:
        return {
            "exception": type(error).__name__,
            "message": str(error),
            "httpStatus": getattr(error, "status_code", None),
        }


session, soap_clients = clients(*sys.argv[1:])
for line in sys.stdin:
    conclusion = send(session, soap_clients, *line.rstrip("\n").split("\t"))
    known = {name: value for name, value in conclusion.items() if value is not None}
    print(json.dumps(known, ensure_ascii=False), flush=True)
