import { SOAP_NAMESPACES } from '../../soap/soap-version.js';
import { type Element, namespaceOf, trimmedText } from '../../xml/element.js';
import { parseStrictly } from '../../xml/parse.js';

const LIMITS = { elements: 100, depth: 20, attributes: 20 };

/** The rules of SOAP for a fault: SOAP 1.1, section 4.4; SOAP 1.2 part 1, section 5.4. */
const FAULTS = {
	'1.1': {
		children: /^faultcode,faultstring(,faultactor)?(,detail)?$/,
		codes: /^(VersionMismatch|MustUnderstand|(Client|Server)(\.[\w.]+)?)$/,
	},
	'1.2': {
		children: /^Code,Reason(,Node)?(,Role)?(,Detail)?$/,
		codes: /^(VersionMismatch|MustUnderstand|DataEncodingUnknown|Sender|Receiver)$/,
	},
} as const;

/** Codes of faults about the header or the envelope, which carry no detail (SOAP 1.1, section 4.4). */
const ABOUT_HEADER = /^VersionMismatch$|^MustUnderstand$|(^|\.)TransactionID$/;

/**
 * Checks the rules of the MM7 schema and of SOAP that a response must keep, by namespace and local name:
 * genericResponseType (MM7Version, Status, Extension), responseStatusType (StatusCode as positive integer, StatusText,
 * Details at most once, in any order), and those of SOAP faults.
 *
 * @returns the problems, in words; none for a good response
 * @throws Mm7Error if the response is not well-formed XML
 */
export function responseProblems(xml: string): string[] {
	const problems: string[] = [];
	const check = (condition: unknown, problem: string) => {
		if (!condition) problems.push(problem);
	};
	const root = parseStrictly(xml, LIMITS);
	const soap = namespaceOf(root);
	const version = soap === SOAP_NAMESPACES['1.2'] ? '1.2' : '1.1';
	check(soap === SOAP_NAMESPACES[version], `Envelope is in ${soap}`);
	check(root.name === 'Envelope', `the root is ${root.name}`);
	check(/^(Header,)?Body$/.test(namesIn(root)), `Envelope has ${namesIn(root)}`);
	for (const section of root.children) check(namespaceOf(section) === soap, `${section.name} is not SOAP's`);

	for (const transaction of named(named(root, 'Header')[0], 'TransactionID')) {
		check(namespaceOf(transaction), 'TransactionID is in no namespace');
		check(trimmedText(transaction), 'TransactionID is empty');
	}

	const [content, ...rest] = named(root, 'Body')[0]?.children ?? [];
	check(content && rest.length === 0, `Body has ${rest.length + (content ? 1 : 0)} elements`);
	if (!content) return problems;
	if (content.name === 'Fault' && namespaceOf(content) === soap) {
		checkFault(content);
	} else {
		check(/^(DeliveryReport|ReadReply)Rsp$/.test(content.name), `the operation is ${content.name}`);
		checkResponse(content);
	}
	return problems;

	function checkFault(fault: Element): void {
		const names = namesIn(fault);
		check(FAULTS[version].children.test(names), `Fault has ${names}`);
		const expected = version === '1.2' ? soap : undefined;
		for (const element of fault.children) {
			check(namespaceOf(element) === expected, `${element.name} is in the wrong namespace`);
		}
		const [first] = fault.children;
		const [main, sub] =
			version === '1.2' ? [named(first, 'Value')[0], named(named(first, 'Subcode')[0], 'Value')[0]] : [first];
		const [namespace, code = ''] = qualifiedName(main);
		check(namespace === soap && FAULTS[version].codes.test(code), `the fault code is ${main?.text}, in ${namespace}`);
		const detail = fault.children.find(({ name }) => name.toLowerCase() === 'detail');
		const isAboutHeader = [code, qualifiedName(sub)[1] ?? ''].some((one) => ABOUT_HEADER.test(one));
		check(isAboutHeader !== (detail !== undefined), 'a header fault has a detail, or another fault has none');
		if (!detail) return;
		const [response] = named(detail, 'VASPErrorRsp');
		check(response, 'detail has no VASPErrorRsp');
		if (response) checkResponse(response);
	}

	function checkResponse(response: Element): void {
		const namespace = namespaceOf(response);
		check(namespace, `${response.name} is in no namespace`);
		check(/^MM7Version,Status(,Extension)*$/.test(namesIn(response)), `${response.name} has ${namesIn(response)}`);
		check(trimmedText(named(response, 'MM7Version')[0]), 'MM7Version is empty');
		const [status] = named(response, 'Status');
		const parts =
			status?.children
				.map(({ name }) => name)
				.sort()
				.join() ?? '';
		check(/^(Details,)?StatusCode,StatusText$/.test(parts), `Status has ${parts}`);
		check(/^[1-9]\d{3}$/.test(trimmedText(named(status, 'StatusCode')[0]) ?? ''), 'StatusCode is not a status code');
		check(trimmedText(named(status, 'StatusText')[0]), 'StatusText is empty');
		for (const element of [...response.children, ...(status?.children ?? [])]) {
			check(namespaceOf(element) === namespace, `${element.name} is not in the namespace of ${response.name}`);
		}
	}
}

function named(parent: Element | undefined, name: string): Element[] {
	return parent?.children.filter((element) => element.name === name) ?? [];
}

function namesIn({ children }: Element): string {
	return children.map(({ name }) => name).join();
}

/** Namespace and local name of a text like `env:Client`, by the declarations in scope. */
function qualifiedName(element: Element | undefined): [namespace?: string | undefined, name?: string] {
	const text = trimmedText(element) ?? '';
	const colon = text.indexOf(':');
	return [namespaceOf(element, text.slice(0, Math.max(0, colon))), text.slice(colon + 1)];
}
