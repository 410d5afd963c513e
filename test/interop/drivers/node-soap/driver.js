/** node-soap. Reads jobs from standard input, see ../README.md. */
const http = require('node:http');
const { createInterface } = require('node:readline');
const soap = require('soap');

const field = process.env;
const NAMESPACE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';
const agent = new http.Agent({ keepAlive: true });

const addresses = {
	Recipient: { Number: { attributes: { displayOnly: 'true', addressCoding: 'encrypted' }, $value: field.Recipient } },
	Sender: { ShortCode: { attributes: { displayOnly: 'false' }, $value: field.Sender } },
};

const report = () => ({
	MM7Version: field.MM7Version,
	MMSRelayServerID: field.MMSRelayServerID,
	Extension: { MessageExtraData: { element: [{ key: 'LinkedID', value: field.LinkedID }] } },
	MessageID: field.MessageID,
	...addresses,
	Date: field.Date,
	MMStatus: field.MMStatus,
	MMStatusExtension: field.MMStatusExtension,
	StatusText: field.StatusText,
	ApplicID: field.ApplicID,
	ReplyApplicID: field.ReplyApplicID,
	AuxApplicInfo: field.AuxApplicInfo,
	UACapabilities: { attributes: { UAProf: field.UAProf, TimeStamp: field.UATimeStamp } },
});

const readReply = () => ({
	MM7Version: field.MM7Version,
	MMSRelayServerID: field.MMSRelayServerID,
	MessageID: field.MessageID,
	...addresses,
	TimeStamp: field.Date,
	MMStatus: 'Read',
	StatusText: field.StatusText,
	ApplicID: field.ApplicID,
	ReplyApplicID: field.ReplyApplicID,
	AuxApplicInfo: field.AuxApplicInfo,
});

async function send([url, user, password, way]) {
	const client = await soap.createClientAsync(process.argv[2], {
		endpoint: url,
		forceSoap12Headers: way === 'soap12',
	});
	if (user) client.setSecurity(new soap.BasicAuthSecurity(user, password));
	const marked = way === 'mustUnderstand' ? { 'soap:mustUnderstand': '1' } : {};
	client.addSoapHeader({ TransactionID: { attributes: marked, $value: field.TransactionID } }, '', 'mm7', NAMESPACE);
	const operation = way === 'readReply' ? client.ReadReplyAsync : client.DeliveryReportAsync;
	try {
		const options = { httpAgent: agent, timeout: 20_000, forceMTOM: way === 'mtom' };
		const [{ MM7Version, Status }, , header] = await operation(way === 'readReply' ? readReply() : report(), options);
		return {
			statusCode: Number(Status.StatusCode),
			statusText: Status.StatusText,
			details: Status.Details,
			mm7Version: MM7Version,
			transactionId: header.TransactionID.$value ?? header.TransactionID,
		};
	} catch (error) {
		const detail = error.root?.Envelope.Body.Fault?.detail ?? error.root?.Envelope.Body.Fault?.Detail;
		const code = detail?.VASPErrorRsp?.Status.StatusCode;
		return {
			exception: error.constructor.name,
			message: error.message,
			vaspError: code && Number(code),
			httpStatus: error.response?.status,
		};
	}
}

async function run() {
	for await (const job of createInterface({ input: process.stdin })) {
		console.log(JSON.stringify(await send(job.split('\t'))));
	}
	agent.destroy();
}

run();
