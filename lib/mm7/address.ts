import { type Element, namespaceOf, trimmedText } from '../xml/element.js';
import { attribute, children, nearest } from './find.js';

/**
 * An address of a report. `address` is as sent; `number` is the telephone number or short code inside it.
 */
export interface Address {
	/** Name of the element that held it; `Text` where the address stood bare in Recipient or Sender. */
	readonly kind: 'Number' | 'ShortCode' | 'RFC2822Address' | 'Text';
	/** As sent, trimmed: `+16175550123/TYPE=PLMN@example.net`. */
	readonly address: string;
	/** Without `/TYPE=…` and `@host`; absent for a true e-mail address and for an encrypted one. */
	readonly number?: string;
	/** Whether the address is for display only. */
	readonly displayOnly?: boolean;
	/** `encrypted` or `obfuscated`. */
	readonly addressCoding?: string;
	/** Id of the address within the message. */
	readonly id?: string;
}

/** By the lower-case name of the element. */
const KINDS = new Map<string, Address['kind']>([
	['number', 'Number'],
	['shortcode', 'ShortCode'],
	['rfc2822address', 'RFC2822Address'],
	// the spelling of RFC 822, the forerunner
	['rfc822address', 'RFC2822Address'],
]);
/** Lower-case names of elements that the address may be inside of; `item` is that of a list of SOAP's encoding. */
const HOLDERS = ['to', 'cc', 'bcc', 'recipient', 'item'];
/** Characters of a telephone number; longer texts are something else. */
const MAX_NUMBER_LENGTH = 64;

/**
 * Reads the addresses of a Recipient or Sender (addressType of the MM7 schema) in the shapes that are sent: the address
 * element itself, inside a `To`, under another name, or bare text. The schema allows one.
 */
export function readAddresses(element: Element | undefined): Address[] {
	if (!element) return [];
	const known = nearest(element.children.filter(isKnown), namespaceOf, namespaceOf(element));
	const found = known.flatMap((inner) => {
		const kind = KINDS.get(inner.name.toLowerCase());
		if (!kind) return readAddresses(inner);
		return trimmedText(inner) ? makeAddress(kind, inner) : [];
	});
	if (found.length > 0) return found;
	if (trimmedText(element)) return [makeAddress('Text', element)];
	const other = element.children.find(trimmedText);
	const named = other ? children(element, other.name) : [];
	return named.filter(trimmedText).map((inner) => makeAddress('Text', inner));
}

function isKnown({ name }: Element): boolean {
	return KINDS.has(name.toLowerCase()) || HOLDERS.includes(name.toLowerCase());
}

/** Whether two addresses lead to the same handset, as far as their texts tell. */
export function sameAddress(one: Address, other: Address): boolean {
	return comparable(one) === comparable(other);
}

function comparable({ number, address }: Address): string {
	return number?.replace(/\D/g, '') || address;
}

function makeAddress(kind: Address['kind'], element: Element): Address {
	const address = trimmedText(element) ?? '';
	const displayOnly = attribute(element, 'displayOnly')?.toLowerCase();
	const addressCoding = attribute(element, 'addressCoding');
	const id = attribute(element, 'id');
	const number = numberOf(kind, address, addressCoding !== undefined);
	const made: { -readonly [Key in keyof Address]: Address[Key] } = { kind, address };
	if (number !== undefined) made.number = number;
	if (displayOnly !== undefined) made.displayOnly = displayOnly === 'true' || displayOnly === '1';
	if (addressCoding !== undefined) made.addressCoding = addressCoding;
	if (id !== undefined) made.id = id;
	return made;
}

function numberOf(kind: Address['kind'], address: string, coded: boolean): string | undefined {
	const mailbox = /<([^<>]+)>$/.exec(address)?.[1] ?? address; // "Joe" <+12015550123/TYPE=PLMN@example.net>
	const [local = ''] = mailbox.split('@', 1);
	const [sent = '', type = ''] = local.split(/\/TYPE=/i, 2);
	const number = sent.replace(/^tel:/i, '').trim();
	if (number === '' || number.length > MAX_NUMBER_LENGTH || /^IP/i.test(type)) return undefined;
	const named = kind === 'Number' || kind === 'ShortCode';
	// a Number is believed to be one; in other places only digits are, for "joe@example.net" is e-mail
	return (named && !coded) || /^\+?\d[\d ().-]*$/.test(number) ? number : undefined;
}
