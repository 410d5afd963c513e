import { Mm7Error } from '../errors.js';
import { salvageTransactionId } from '../mm7/transaction-id.js';
import { withoutMapItems } from '../soap/map-items.js';
import { withReferredValues } from '../soap/references.js';
import { type SoapVersion, soapVersionOf } from '../soap/soap-version.js';
import { attribute, child, childText, type Element, namespaceOf, sameName, trimmedText } from '../xml/element.js';
import { parseXml } from '../xml/parse.js';
import type { XmlLimits } from '../xml/tree-builder.js';

/** A SOAP message with any MM7 operation, as `req.mm7Envelope` holds it. */
export interface Mm7Envelope {
	/** Local name of the first element in the SOAP Body as sent, `DeliveryReportReq` for a report. */
	readonly operation: string;
	/** `TransactionID` of the SOAP Header, trimmed; `undefined` where it is missing or empty. */
	readonly transactionId: string | undefined;
	/** Namespace URI of the operation element, trimmed; `undefined` where it is in none. */
	readonly namespace: string | undefined;
	/** `MM7Version` of the operation as sent, `6.8.0`. */
	readonly mm7Version: string | undefined;
	/** The whole SOAP part as text. */
	readonly xml: string;
}

/** An envelope with what the later steps need of it beyond the public view. */
export interface ParsedEnvelope {
	readonly soapVersion: SoapVersion;
	readonly envelope: Mm7Envelope;
	/** The operation element. */
	readonly operation: Element;
	/** The `TransactionID` of the SOAP Header as it came; `undefined` where it is missing. */
	readonly transaction: TransactionHeader | undefined;
}

/** What an answer says back of the header. */
export interface TransactionHeader {
	/** The id as it came. */
	readonly id: string;
	/** Namespace URI, trimmed; senders may use another one than for the operation. */
	readonly namespace: string | undefined;
	/** Whether it came with mustUnderstand="1". */
	readonly mustUnderstand: boolean;
}

/** The names of the operation; SKT's gateway misspells it. */
const DELIVERY_REPORTS = ['DeliveryReportReq', 'DeliverReportReq'];

/** Whether the operation is a delivery report. */
export function isDeliveryReport({ operation }: Mm7Envelope): boolean {
	return DELIVERY_REPORTS.some((name) => sameName(operation, name));
}

/** Whether the operation is a read reply. */
export function isReadReply({ operation }: Mm7Envelope): boolean {
	return sameName(operation, 'ReadReplyReq');
}

/**
 * The TransactionID, without which an operation cannot be answered.
 *
 * @throws Mm7Error ERR_MM7_TRANSACTION_ID
 */
export function requireTransactionId({ transactionId }: Mm7Envelope): string {
	if (transactionId === undefined) throw new Mm7Error('ERR_MM7_TRANSACTION_ID');
	return transactionId;
}

/**
 * Reads the SOAP envelope (SOAP 1.1 section 4; SOAP 1.2 alike) around any MM7 operation.
 *
 * @throws Mm7Error those of the XML parser, ERR_MM7_NOT_SOAP, ERR_MM7_SOAP_VERSION; with
 * the TransactionID, where it could be read all the same
 */
export function readEnvelope(text: string, limits: XmlLimits): ParsedEnvelope {
	const xml = trimDocument(text);
	try {
		return fromRoot(parseXml(xml, limits), xml);
	} catch (error) {
		if (!(error instanceof Mm7Error) || error.transactionId !== undefined) throw error;
		const { code, detail, cause } = error;
		throw new Mm7Error(code, { detail, cause, transactionId: salvageTransactionId(xml) });
	}
}

function fromRoot(root: Element, xml: string): ParsedEnvelope {
	if (!sameName(root.name, 'Envelope')) {
		throw new Mm7Error('ERR_MM7_NOT_SOAP', { detail: 'the root element is not Envelope' });
	}
	const header = child(root, 'Header');
	const transaction = child(header, 'TransactionID');
	const transactionId = trimmedText(transaction);

	const soapVersion = soapVersionOf(namespaceOf([root]));
	if (soapVersion === undefined) throw new Mm7Error('ERR_MM7_SOAP_VERSION', { transactionId });

	const body = child(root, 'Body');
	const [sent, ...others] = body?.children ?? [];
	if (!body || !sent) {
		throw new Mm7Error('ERR_MM7_NOT_SOAP', { detail: 'there is no operation in the Body', transactionId });
	}
	const operation = withoutMapItems(withReferredValues(sent, others));
	const envelope: Mm7Envelope = {
		operation: operation.name,
		transactionId,
		namespace: namespaceOf([root, body, operation]),
		mm7Version: childText(operation, 'MM7Version'),
		xml,
	};
	return {
		soapVersion,
		envelope,
		operation,
		transaction: header && transaction && transactionHeader(root, header, transaction),
	};
}

function transactionHeader(root: Element, header: Element, transaction: Element): TransactionHeader {
	return {
		id: transaction.text,
		namespace: namespaceOf([root, header, transaction]),
		mustUnderstand: mustBeUnderstood(transaction),
	};
}

function mustBeUnderstood(block: Element): boolean {
	const mandatory = attribute(block, 'mustUnderstand')?.toLowerCase();
	return mandatory === '1' || mandatory === 'true';
}

/** Cuts what cannot change the meaning: text without `<` before the first tag and after the last one. */
function trimDocument(text: string): string {
	const end = text.lastIndexOf('>') + 1;
	return text.slice(Math.max(0, text.indexOf('<')), text.includes('<', end) ? undefined : end);
}
