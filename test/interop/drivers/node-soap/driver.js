/** node-soap. Reads jobs from standard input, see ../README.md. */
const http = require('node:http');
const { createInterface } = require('node:readline');
const soap = require('soap');

const field = process.env;
const NAMESPACE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';
const agent = new http.Agent({ keepAlive: true });

const texts = (...names) => Object.fromEntries(names.map((name) => [name, field[name]]));

const ADDRESSES = {
	Recipient: { Number: { attributes: { displayOnly: 'true', addressCoding: 'encrypted' }, $value: field.Recipient } },
	Sender: { ShortCode: { attributes: { displayOnly: 'false' }, $value: field.Sender } },
};
const APPLICATION = texts('StatusText', 'ApplicID', 'ReplyApplicID', 'AuxApplicInfo');
const REPORT = {
	...texts('MM7Version', 'MMSRelayServerID'),
	Extension: { MessageExtraData: { element: [{ key: 'LinkedID', value: field.LinkedID }] } },
	MessageID: field.MessageID,
	...ADDRESSES,
	...texts('Date', 'MMStatus', 'MMStatusExtension'),
	...APPLICATION,
	UACapabilities: { attributes: { UAProf: field.UAProf, TimeStamp: field.UATimeStamp } },
};
const READ_REPLY = {
	...texts('MM7Version', 'MMSRelayServerID', 'MessageID'),
	...ADDRESSES,
	TimeStamp: field.Date,
	MMStatus: 'Read',
	...APPLICATION,
};

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
		const [{ MM7Version, Status }, , header] = await operation(way === 'readReply' ? READ_REPLY : REPORT, options);
		return {
			statusCode: Status.StatusCode,
			statusText: Status.StatusText,
			details: Status.Details,
			mm7Version: MM7Version,
			transactionId: header.TransactionID.$value ?? header.TransactionID,
		};
	} catch (error) {
		const detail = error.root?.Envelope.Body.Fault?.detail ?? error.root?.Envelope.Body.Fault?.Detail;
		return {
			exception: error.constructor.name,
			message: error.message,
			vaspError: detail?.VASPErrorRsp?.Status.StatusCode,
			httpStatus: error.response?.status,
		};
	}
}

async function run() {
	for await (const job of createInterface({ input: process.stdin })) {
		const known = Object.entries(await send(job.split('\t'))).filter(([, value]) => value !== undefined);
		console.log(known.map(([name, value]) => `${name}=${String(value).replace(/\s/g, ' ')}`).join('\t'));
	}
	agent.destroy();
}

run();
