import { type Element, namespaceOf, trimmedText } from '../xml/element.js';
import { attribute, children, nearest } from './find.js';

/** An address of a report: `address` as sent, `number` the phone number or short code inside it. */
export interface Address {
	/** Name of the element that held it; `Text` if the address was bare text in Recipient or Sender. */
	readonly kind: 'Number' | 'ShortCode' | 'RFC2822Address' | 'Text';
	/** As sent, trimmed: `+16175550123/TYPE=PLMN@example.net`. */
	readonly address: string;
	/** Without `/TYPE=…` and `@host`; absent for a real e-mail address and an encrypted one. */
	readonly number?: string;
	/** True if the address is for display only. */
	readonly displayOnly?: boolean;
	/** `encrypted` or `obfuscated`. */
	readonly addressCoding?: string;
	/** Id of the address within the message. */
	readonly id?: string;
}

/** Lower-case names of address elements, and of elements that contain them. */
const KINDS = new Map<string, Address['kind'] | 'container'>([
	['number', 'Number'],
	['shortcode', 'ShortCode'],
	['rfc2822address', 'RFC2822Address'],
	['rfc822address', 'RFC2822Address'],
	['to', 'container'],
	['cc', 'container'],
	['bcc', 'container'],
	['recipient', 'container'],
	// an item of a list in SOAP's encoding
	['item', 'container'],
]);
/** Longer texts are not phone numbers. */
const MAX_NUMBER_LENGTH = 64;

/**
 * Reads the addresses of a Recipient or Sender (addressType of the MM7 schema) in the shapes that are sent: the address
 * element itself, inside a `To`, under another name, or bare text. The schema allows one.
 */
export function readAddresses(element: Element | undefined): Address[] {
	if (!element) return [];
	const known = element.children.filter(({ name }) => kindOf(name));
	const found: Address[] = [];
	for (const inner of nearest(known, namespaceOf, namespaceOf(element))) {
		const kind = kindOf(inner.name);
		if (kind === 'container') found.push(...readAddresses(inner));
		else if (kind && trimmedText(inner)) found.push(makeAddress(kind, inner));
	}
	if (found.length > 0) return found;
	if (trimmedText(element)) return [makeAddress('Text', element)];
	const other = element.children.find(trimmedText);
	const named = other ? children(element, other.name) : [];
	return named.filter(trimmedText).map((inner) => makeAddress('Text', inner));
}

function kindOf(name: string): Address['kind'] | 'container' | undefined {
	return KINDS.get(name.toLowerCase());
}

/** Compares two addresses by their digits, or else by their texts. */
export function sameAddress(one: Address, other: Address): boolean {
	const [text, otherText] = [one, other].map(({ number, address }) => number?.replace(/\D/g, '') || address);
	return text === otherText;
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

function numberOf(kind: Address['kind'], address: string, isCoded: boolean): string | undefined {
	const mailbox = /<([^<>]+)>$/.exec(address)?.[1] ?? address; // "Joe" <+12015550123/TYPE=PLMN@example.net>
	const [local = ''] = mailbox.split('@', 1);
	const [sent = '', type = ''] = local.split(/\/TYPE=/i, 2);
	const number = sent.replace(/^tel:/i, '').trim();
	if (number === '' || number.length > MAX_NUMBER_LENGTH || /^IP/i.test(type)) return undefined;
	const isNumber = (kind === 'Number' || kind === 'ShortCode') && !isCoded;
	// elsewhere only digits are a number: "joe@example.net" is e-mail
	return isNumber || /^\+?\d[\d ().-]*$/.test(number) ? number : undefined;
}
