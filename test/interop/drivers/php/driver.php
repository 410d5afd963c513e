<?php
// PHP's SoapClient. Reads jobs from standard input, see ../README.md.

const GZIP_LEVEL = 5;

function fields(string ...$names): array {
	return array_combine($names, array_map('getenv', $names));
}

function common(): array {
	return fields('MM7Version', 'MMSRelayServerID', 'MessageID', 'StatusText', 'ApplicID', 'ReplyApplicID', 'AuxApplicInfo') + [
		'Recipient' => ['Number' => ['_' => getenv('Recipient'), 'displayOnly' => true, 'addressCoding' => 'encrypted']],
		'Sender' => ['ShortCode' => ['_' => getenv('Sender'), 'displayOnly' => false]],
	];
}

function report(): array {
	return common() + fields('Date', 'MMStatus', 'MMStatusExtension') + [
		'Extension' => ['MessageExtraData' => ['element' => [['key' => 'LinkedID', 'value' => getenv('LinkedID')]]]],
		'UACapabilities' => ['UAProf' => getenv('UAProf'), 'TimeStamp' => getenv('UATimeStamp')],
	];
}

function readReply(): array {
	return common() + ['TimeStamp' => getenv('Date'), 'MMStatus' => 'Read'];
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
		return [
			'exception' => get_class($fault),
			'message' => $fault->getMessage(),
			'vaspError' => $fault->detail->VASPErrorRsp->Status->StatusCode ?? null,
		];
	}
}

ini_set('default_socket_timeout', '20');
while (($job = fgets(STDIN)) !== false) {
	$pairs = [];
	foreach (send(...explode("\t", rtrim($job, "\n"))) as $name => $value) {
		if ($value !== null) $pairs[] = "$name=" . preg_replace('/\s/', ' ', $value);
	}
	echo implode("\t", $pairs), "\n";
}
