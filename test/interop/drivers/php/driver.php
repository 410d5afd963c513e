<?php
// PHP's SoapClient. Reads jobs from standard input, see ../README.md.

const GZIP_LEVEL = 5;

function report(): array {
	return [
		'MM7Version' => getenv('MM7Version'),
		'MMSRelayServerID' => getenv('MMSRelayServerID'),
		'Extension' => ['MessageExtraData' => ['element' => [['key' => 'LinkedID', 'value' => getenv('LinkedID')]]]],
		'MessageID' => getenv('MessageID'),
		'Recipient' => recipient(),
		'Sender' => sender(),
		'Date' => getenv('Date'),
		'MMStatus' => getenv('MMStatus'),
		'MMStatusExtension' => getenv('MMStatusExtension'),
		'StatusText' => getenv('StatusText'),
		'ApplicID' => getenv('ApplicID'),
		'ReplyApplicID' => getenv('ReplyApplicID'),
		'AuxApplicInfo' => getenv('AuxApplicInfo'),
		'UACapabilities' => ['UAProf' => getenv('UAProf'), 'TimeStamp' => getenv('UATimeStamp')],
	];
}

function recipient(): array {
	return ['Number' => ['_' => getenv('Recipient'), 'displayOnly' => true, 'addressCoding' => 'encrypted']];
}

function sender(): array {
	return ['ShortCode' => ['_' => getenv('Sender'), 'displayOnly' => false]];
}

function readReply(): array {
	return [
		'MM7Version' => getenv('MM7Version'),
		'MMSRelayServerID' => getenv('MMSRelayServerID'),
		'MessageID' => getenv('MessageID'),
		'Recipient' => recipient(),
		'Sender' => sender(),
		'TimeStamp' => getenv('Date'),
		'MMStatus' => 'Read',
		'StatusText' => getenv('StatusText'),
		'ApplicID' => getenv('ApplicID'),
		'ReplyApplicID' => getenv('ReplyApplicID'),
		'AuxApplicInfo' => getenv('AuxApplicInfo'),
	];
}

/** A client is kept for each way to send, and its connection with it. */
function client(string $url, string $user, string $password, string $way): SoapClient {
	static $clients = [];
	$options = ['location' => $url, 'exceptions' => true, 'trace' => true, 'cache_wsdl' => WSDL_CACHE_NONE];
	if ($user !== '') $options += ['login' => $user, 'password' => $password];
	if ($way === 'gzip') $options += ['compression' => SOAP_COMPRESSION_GZIP | GZIP_LEVEL];
	if ($way === 'soap12') $options += ['soap_version' => SOAP_1_2];
	return $clients["$url $user $password $way"] ??= new SoapClient($_SERVER['argv'][1], $options);
}

function send(string $url, string $user, string $password, string $way): array {
	try {
		$client = client($url, $user, $password, $way);
		$namespace = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';
		$header = new SoapHeader($namespace, 'TransactionID', getenv('TransactionID'), $way === 'mustUnderstand');
		$operation = $way === 'readReply' ? 'ReadReply' : 'DeliveryReport';
		$request = $way === 'readReply' ? readReply() : report();
		$response = $client->__soapCall($operation, [$request], [], [$header], $headers);
		return [
			'statusCode' => $response->Status->StatusCode,
			'statusText' => $response->Status->StatusText,
			'details' => $response->Status->Details ?? null,
			'mm7Version' => $response->MM7Version,
			'transactionId' => $headers['TransactionID']->_,
		];
	} catch (SoapFault $fault) {
		$status = $fault->detail->VASPErrorRsp->Status ?? null;
		return [
			'exception' => get_class($fault),
			'message' => $fault->getMessage(),
			'vaspError' => isset($status) ? (int) $status->StatusCode : null,
		];
	}
}

ini_set('default_socket_timeout', '20');
while (($job = fgets(STDIN)) !== false) {
	$conclusion = array_filter(send(...explode("\t", rtrim($job, "\n"))), fn ($value) => $value !== null);
	echo json_encode($conclusion, JSON_UNESCAPED_UNICODE), "\n";
}
