import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../support/markdown.js';

/** A way to send that a stack may support, in addition to the plain one. */
export type Way =
	| 'readReply'
	| 'mustUnderstand'
	| 'requestHeader'
	| 'basic'
	| 'challenge'
	| 'gzip'
	| 'chunked'
	| 'keepAlive'
	| 'expect'
	| 'soap12'
	| 'mtom';

/** A SOAP stack, and how to build and start its driver. */
export interface Stack {
	readonly name: string;
	/** How it is used, in a few words. */
	readonly about: string;
	/** Debian packages; the version of the first is the version of the stack. */
	readonly packages: readonly string[];
	/** The version, if the stack is not a Debian package. */
	readonly version?: string;
	readonly ways: readonly Way[];
	/** Whether it rejects a response whose TransactionID has `mustUnderstand="1"`, even if the request had it. */
	readonly rejectsMustUnderstand?: boolean;
	/** Commands that build the driver, one after the other, in an empty folder. Default: none. */
	readonly compile?: readonly Command[];
	/** The command that starts the driver, in the same folder. */
	readonly start: Command;
}

/** A program and its arguments. */
export type Command = readonly [string, ...string[]];

const WSDL = path.join(__dirname, 'mm7.wsdl');
const SOAP12_WSDL = path.join(__dirname, 'mm7-soap12.wsdl');
const driver = (...names: string[]) => path.join(__dirname, 'drivers', ...names);

const classPath = (...jars: string[]) => ['classes', ...jars.map((jar) => `/usr/share/java/${jar}.jar`)].join(':');
const AXIS = classPath(
	...['axis', 'axis-jaxrpc', 'axis-saaj', 'commons-discovery', 'commons-logging', 'wsdl4j'],
	...['commons-httpclient', 'commons-codec', 'javax.activation', 'javax.mail'],
);
const JAXWS = classPath(
	...['jaxws-api', 'jaxws-rt', 'jaxws-tools', 'jaxb-api', 'jaxb-runtime', 'jaxb-core', 'jaxb-impl', 'jaxb-xjc'],
	...['jws-api', 'javax.activation', 'saaj-impl', 'javax.xml.soap-api', 'stax-ex', 'streambuffer', 'mimepull'],
	...['metro-policy', 'gmbal', 'stax2-api', 'woodstox-core', 'xml-resolver', 'istack-commons-runtime', 'txw2'],
	...['xsom', 'rngom', 'codemodel', 'dtd-parser', 'relaxngDatatype', 'istack-commons-tools', 'FastInfoset'],
	...['geronimo-annotation-1.3-spec'],
);
const javac = (classes: string, ...sources: string[]): Command => [
	...(['javac', '-nowarn', '-sourcepath', `.:${driver('java')}`, '-d', 'classes', '-cp', classes] as const),
	...sources,
];
const WSIMPORT = ['com.sun.tools.ws.WsImport', '-Xnocompile', '-extension', '-XadditionalHeaders', '-p', 'mm7'];
/** The options of Debian's library, on which its structures depend. */
const GSOAP = ['-DWITH_IPV6', '-DWITH_OPENSSL', '-DWITH_GZIP', '-DWITH_DOM'];

/** Ways that every stack supports. */
const COMMON: readonly Way[] = ['readReply', 'mustUnderstand', 'keepAlive'];

export const STACKS: readonly Stack[] = [
	{
		name: 'PHP SoapClient',
		about: 'with the WSDL',
		packages: ['php-soap', 'php-cli'],
		ways: [...COMMON, 'basic', 'gzip', 'soap12'],
		start: ['/usr/bin/php', driver('php', 'driver.php'), WSDL],
	},
	{
		name: 'zeep',
		about: 'Python, with the WSDL, strict',
		packages: ['python3-zeep'],
		ways: [...COMMON, 'basic', 'soap12'],
		start: ['/usr/bin/python3', driver('zeep', 'driver.py'), WSDL, SOAP12_WSDL],
	},
	{
		name: 'SOAP::Lite',
		about: 'Perl, without a WSDL',
		packages: ['libsoap-lite-perl'],
		ways: [...COMMON, 'challenge', 'gzip', 'soap12'],
		start: ['/usr/bin/perl', driver('soap-lite', 'driver.pl')],
	},
	{
		name: 'gSOAP',
		about: 'C, generated, strict',
		packages: ['gsoap', 'libgsoap-dev', 'gcc', 'libc6-dev', 'libssl-dev', 'zlib1g-dev'],
		ways: [...COMMON, 'basic', 'gzip', 'chunked', 'soap12', 'mtom'],
		compile: [
			['wsdl2h', '-c', '-O0', '-x', '-o', 'mm7.h', WSDL],
			// what its manual says to write before a header that has to be understood
			['sed', '-i', 's/^ *struct _ns1__TransactionID\\*.*ns1__TransactionID /mustUnderstand&/', 'mm7.h'],
			['soapcpp2', '-c', '-C', '-s', '-x', '-L', '-w', '-I/usr/share/gsoap/import', 'mm7.h'],
			[
				...(['gcc', ...GSOAP, '-I.', '-o', 'driver', driver('gsoap', 'driver.c'), 'soapC.c', 'soapClient.c'] as const),
				...['-lgsoapssl', '-lssl', '-lcrypto', '-lz'],
			],
		],
		start: ['./driver'],
	},
	{
		name: 'Axis',
		about: 'Java, generated',
		packages: [
			...['libaxis-java', 'libcommons-httpclient-java', 'libwsdl4j-java', 'libcommons-discovery-java'],
			'openjdk-17-jdk-headless',
		],
		ways: [...COMMON, 'basic', 'gzip', 'chunked', 'expect'],
		rejectsMustUnderstand: true,
		compile: [
			['java', '-cp', AXIS, 'org.apache.axis.wsdl.WSDL2Java', '-p', 'mm7', WSDL],
			javac(AXIS, driver('axis', 'Driver.java')),
		],
		start: ['java', '-cp', AXIS, 'Driver'],
	},
	{
		name: 'JAX-WS',
		about: 'Java, generated, validating',
		packages: ['libjaxws-java', 'libsaaj-java', 'openjdk-17-jdk-headless'],
		ways: [...COMMON, 'basic', 'challenge', 'chunked', 'soap12', 'mtom'],
		compile: [
			['java', '-cp', JAXWS, ...WSIMPORT, WSDL],
			['java', '-cp', JAXWS, ...WSIMPORT, SOAP12_WSDL],
			javac(JAXWS, driver('jaxws', 'Driver.java'), 'mm7/package-info.java'),
		],
		start: ['java', '-cp', JAXWS, 'Driver', WSDL, SOAP12_WSDL],
	},
	{
		name: 'Mono',
		about: 'C#, asmx client, generated',
		packages: ['mono-runtime', 'mono-mcs', 'libmono-system-web-services4.0-cil'],
		ways: [...COMMON, 'requestHeader', 'challenge', 'chunked', 'expect', 'soap12'],
		compile: [
			['mcs', '-out:generate.exe', '-r:System.Web.Services', driver('mono', 'Generate.cs')],
			['mono', 'generate.exe', WSDL, 'Mm7.cs'],
			['mcs', '-out:driver.exe', '-r:System.Web.Services', driver('mono', 'Driver.cs'), 'Mm7.cs'],
		],
		start: ['mono', 'driver.exe'],
	},
	{
		name: 'node-soap',
		about: 'Node.js, with the WSDL',
		packages: [],
		version: JSON.parse(readFileSync(path.join(ROOT, 'node_modules/soap/package.json'), 'utf8')).version,
		ways: [...COMMON, 'basic', 'soap12', 'mtom'],
		start: [process.execPath, driver('node-soap', 'driver.js'), WSDL],
	},
];

/** The Debian packages of a stack that are not installed. */
export function missingPackages({ packages }: Stack): string[] {
	return packages.filter((name) => versionOf(name) === undefined);
}

/** The version of a stack without Debian's additions; `undefined` if it is not installed. */
export function stackVersion({ packages: [first = ''], version }: Stack): string | undefined {
	return (
		version ??
		versionOf(first)
			?.replace(/^\d+:/, '')
			.replace(/[-+].*$/, '')
	);
}

function versionOf(name: string): string | undefined {
	// biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query inserts the values
	const query = ['-W', '-f', '${db:Status-Status} ${Version}', name];
	const { stdout } = spawnSync('dpkg-query', query, { encoding: 'utf8' });
	const [status, version] = (stdout ?? '').split(' ');
	return status === 'installed' ? version : undefined;
}
