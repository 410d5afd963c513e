import { asMm7Error, Mm7Error } from '../errors.js';
import { attribute, children, childText, choose, nearest } from '../mm7/find.js';
import type { Mm7Envelope } from '../mm7/messages.js';
import { isMm7Namespace } from '../mm7/namespaces.js';
import { salvage } from '../mm7/salvage.js';
import { withoutMapItems } from '../soap/map-items.js';
import { withReferredValues } from '../soap/references.js';
import { type SoapVersion, soapVersionOf } from '../soap/soap-version.js';
import { type Element, namespaceOf, sameName, trimmedText, trimWhiteSpace } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';
import type { XmlLimits } from '../xml/tree-builder.js';

/** An envelope with the parts that the later steps need beyond the public view. */
export interface ParsedEnvelope {
	readonly soapVersion: SoapVersion;
	readonly envelope: Mm7Envelope;
	readonly operation: Element;
	/** The `TransactionID` of the SOAP Header as sent, in any namespace; `undefined` if it is missing. */
	readonly transaction: Readonly<{ id: string; namespace: string | undefined; mustUnderstand: boolean }> | undefined;
	/** The operation's reader throws this: the document is ambiguous, or no response could be matched to it. */
	readonly refusal: Mm7Error | undefined;
}

/** The response repeats it, and escaping makes up to six characters of one. */
const MAX_TRANSACTION_ID_LENGTH = 8192;

/** SKT's gateway misspells the name. */
export function isDeliveryReport({ operation }: Mm7Envelope): boolean {
	return /^delivery?reportreq$/i.test(operation);
}

export function isReadReply({ operation }: Mm7Envelope): boolean {
	return sameName(operation, 'ReadReplyReq');
}

/** Without a TransactionID no response could be matched to the request. */
export function requireTransactionId({ transactionId }: Mm7Envelope): string {
	if (transactionId === undefined) throw new Mm7Error('ERR_MM7_TRANSACTION_ID');
	return transactionId;
}

/** The error for more than one report; accepting the first would lose the others. */
export function severalReports(detail: string): Mm7Error {
	return new Mm7Error('ERR_MM7_SEVERAL_REPORTS', { detail });
}

/**
 * Reads the SOAP envelope (SOAP 1.1 section 4; SOAP 1.2 alike) around any MM7 operation.
 *
 * @throws Mm7Error those of the XML parser, ERR_MM7_NOT_SOAP, ERR_MM7_SOAP_VERSION; with the parts that could be read
 */
export function readEnvelope(text: string, limits: XmlLimits): ParsedEnvelope {
	const xml = trimDocument(text);
	try {
		return fromRoot(parseXml(xml, limits), xml);
	} catch (error) {
		const refused = asMm7Error(error, 'ERR_MM7_INTERNAL');
		if (refused.transactionId !== undefined) throw refused;
		const { code, detail, cause } = refused;
		throw new Mm7Error(code, { detail, cause, ...salvage(xml) });
	}
}

function fromRoot(root: Element, xml: string): ParsedEnvelope {
	if (!sameName(root.name, 'Envelope')) {
		throw new Mm7Error('ERR_MM7_NOT_SOAP', { detail: 'the root element is not Envelope' });
	}
	const contents = contentsOf(root, 'Body');
	// next to it there may be values of SOAP's encoding, such as multiRef
	const named = contents.filter(({ name }) => /Req$/i.test(name));
	const operations = nearest(named, namespaceOf);
	const sent = operations[0] ?? contents[0];
	const namespace = namespaceOf(sent);
	const { transaction, refusal } = readTransaction(root, namespace);
	const transactionId = transaction && (trimWhiteSpace(transaction.id) || undefined);

	const soapVersion = soapVersionOf(namespaceOf(root));
	const known = { transactionId, soapVersion, namespace: transaction?.namespace };
	if (soapVersion === undefined) throw new Mm7Error('ERR_MM7_SOAP_VERSION', known);
	if (!sent) throw new Mm7Error('ERR_MM7_NOT_SOAP', { detail: 'there is no operation in the Body', ...known });

	const operation = withoutMapItems(withReferredValues(sent, contents));
	const mm7Version = childText(operation, 'MM7Version');
	return {
		soapVersion,
		envelope: { operation: operation.name, transactionId, namespace, mm7Version, xml },
		operation,
		transaction,
		refusal: operations.length > 1 ? severalReports('several operations') : refusal,
	};
}

/** The children of every Header or Body. */
function contentsOf(root: Element, name: 'Header' | 'Body'): Element[] {
	const contents: Element[] = [];
	for (const element of children(root, name)) for (const content of element.children) contents.push(content);
	return contents;
}

/**
 * Reads the TransactionID of the SOAP Header, where senders use another MM7 release than in the Body: all releases count
 * as one namespace.
 */
function readTransaction(root: Element, operationNamespace: string | undefined) {
	const named = contentsOf(root, 'Header').filter(({ name }) => sameName(name, 'TransactionID'));
	const wanted = isMm7Namespace(operationNamespace ?? '') ? undefined : operationNamespace;
	const candidates = choose(named, 'TransactionID', wanted);
	const element = candidates.find(trimmedText) ?? candidates[0];
	if (element === undefined) return { transaction: undefined, refusal: undefined };
	const id = trimmedText(element);
	if (candidates.some((other) => (trimmedText(other) ?? id) !== id)) return unusable('there are several');
	if (element.text.length > MAX_TRANSACTION_ID_LENGTH) {
		return unusable(`it has more than ${MAX_TRANSACTION_ID_LENGTH} characters`);
	}
	const mandatory = attribute(element, 'mustUnderstand', namespaceOf(root));
	const mustUnderstand = mandatory === '1' || mandatory === 'true';
	return { transaction: { id: element.text, namespace: namespaceOf(element), mustUnderstand }, refusal: undefined };
}

function unusable(detail: string) {
	return { transaction: undefined, refusal: new Mm7Error('ERR_MM7_TRANSACTION_ID', { detail }) };
}

/** Removes text without `<` before the first tag and after the last one, which cannot change the meaning. */
function trimDocument(text: string): string {
	const end = text.lastIndexOf('>') + 1;
	return text.slice(Math.max(0, text.indexOf('<')), text.includes('<', end) ? undefined : end);
}
