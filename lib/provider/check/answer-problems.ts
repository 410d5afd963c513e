import { type Element, namespaceOf } from '../../xml/element.js';
import { parseStrictly } from '../../xml/parse.js';

const LIMITS = { elements: 100, depth: 20, attributes: 20 };

/**
 * The rules of the MM7 schema and of SOAP that an answer has to keep, checked by place, order and namespace:
 * genericResponseType (MM7Version, Status), responseStatusType (StatusCode as positive integer, StatusText, Details at
 * most once), SOAP 1.1 section 4.4 and SOAP 1.2 part 1 section 5.4 for faults.
 *
 * @returns what is wrong, in words; nothing for a good answer
 * @throws Mm7Error where the answer is no well-formed XML
 */
export function answerProblems(xml: string): string[] {
	const problems: string[] = [];
	const check = (condition: unknown, problem: string) => {
		if (!condition) problems.push(problem);
	};
	const root = parseStrictly(xml, LIMITS);
	const soap = namespaceOf(root);
	const soap12 = soap === 'http://www.w3.org/2003/05/soap-envelope';
	check(soap12 || soap === 'http://schemas.xmlsoap.org/soap/envelope/', `Envelope is in ${soap}`);
	check(root.name === 'Envelope', `the root is ${root.name}`);

	const sections = root.children.map(({ name }) => name).join();
	check(sections === 'Header,Body' || sections === 'Body', `Envelope holds ${sections}`);
	const header = root.children.find(({ name }) => name === 'Header');
	const body = root.children.find(({ name }) => name === 'Body');
	for (const section of root.children) check(namespaceOf(section) === soap, `${section.name} is not SOAP's`);

	if (header) {
		const [transaction, ...others] = header.children;
		check(transaction?.name === 'TransactionID' && others.length === 0, 'Header holds more than a TransactionID');
		check(transaction && namespaceOf(transaction), 'TransactionID is in no namespace');
		check(transaction?.text, 'TransactionID is empty');
	}

	const [content, ...rest] = body?.children ?? [];
	check(content && rest.length === 0, `Body holds ${body?.children.length} elements`);
	if (!body || !content) return problems;
	if (content.name === 'Fault') {
		check(namespaceOf(content) === soap, "Fault is not SOAP's");
		checkFault(content);
	} else {
		check(/^(DeliveryReport|ReadReply)Rsp$/.test(content.name), `the operation is ${content.name}`);
		checkResponse(content);
	}
	return problems;

	function checkFault(fault: Element): void {
		const names = fault.children.map(({ name }) => name).join();
		const [code, , detail] = fault.children;
		for (const element of fault.children) {
			const expected = soap12 ? soap : undefined;
			check(namespaceOf(element) === expected, `${element.name} is in the wrong namespace`);
		}
		const shape = soap12
			? ['Code,Reason', 'Code,Reason,Detail']
			: ['faultcode,faultstring', 'faultcode,faultstring,detail'];
		check(shape.includes(names), `Fault holds ${names}`);
		const value = soap12 ? code?.children[0]?.text : code?.text;
		const codes = soap12
			? /^env:(VersionMismatch|MustUnderstand|Sender|Receiver)$/
			: /^env:(VersionMismatch|MustUnderstand|Client(\.\w+)?|Server)$/;
		check(codes.test(value ?? ''), `the fault code is ${value}`);
		const aboutHeader = /TransactionID|VersionMismatch|MustUnderstand/.test(xml.slice(xml.indexOf('Fault>')));
		check(aboutHeader !== (detail !== undefined), 'detail is there for a header fault, or missing for another');
		if (!detail) return;
		const [response] = detail.children;
		check(response?.name === 'VASPErrorRsp' && detail.children.length === 1, 'detail holds no VASPErrorRsp');
		if (response) checkResponse(response);
	}

	function checkResponse(response: Element): void {
		check(namespaceOf(response), `${response.name} is in no namespace`);
		const [version, status, ...others] = response.children;
		check(version?.name === 'MM7Version' && version.text, 'MM7Version is not first');
		check(status?.name === 'Status' && others.length === 0, 'Status is not second and last');
		const statusNames = status?.children.map(({ name }) => name).join();
		const expected = ['StatusCode,StatusText', 'StatusCode,StatusText,Details'];
		check(expected.includes(statusNames ?? ''), `Status holds ${statusNames}`);
		check(/^[1-9]\d{3}$/.test(status?.children[0]?.text ?? ''), 'StatusCode is no code');
		check(status?.children[1]?.text, 'StatusText is empty');
		for (const element of [version, status, ...(status?.children ?? [])]) {
			if (element) check(element.prefix === '' && !element.attributes.has('xmlns'), `${element.name} is not MM7's`);
		}
	}
}
