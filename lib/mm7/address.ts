import { attribute, type Element, sameName, trimmedText } from '../xml/element.js';

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
/** Elements that the address may stand in once more; `item` is that of a list of SOAP's encoding. */
const HOLDERS = ['To', 'Cc', 'Bcc', 'Recipient', 'item'];
const LONGEST_NUMBER = 64;

/**
 * Reads a Recipient or Sender (addressType of the MM7 schema) in the shapes that are sent: the address element
 * itself, inside a `To`, under another name, or bare text.
 *
 * @returns `undefined` where it holds no address
 */
export function readAddress(element: Element | undefined): Address | undefined {
	if (!element) return undefined;
	for (const candidate of element.children) {
		const kind = KINDS.get(candidate.name.toLowerCase());
		if (kind && trimmedText(candidate)) return makeAddress(kind, candidate);
	}
	const nested = readAddress(element.children.find(({ name }) => HOLDERS.some((holder) => sameName(name, holder))));
	if (nested) return nested;
	const holder = trimmedText(element) ? element : element.children.find(trimmedText);
	return holder && makeAddress('Text', holder);
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
	if (address.length <= LONGEST_NUMBER && /^\+?\d+$/.test(address)) return address;
	const mailbox = /<([^<>]{1,256})>$/.exec(address)?.[1] ?? address; // "Joe" <+12015550123/TYPE=PLMN@example.net>
	const at = mailbox.lastIndexOf('@');
	const local = (at === -1 ? mailbox : mailbox.slice(0, at)).replace(/^\s*tel:/i, '');
	const type = local.toUpperCase().indexOf('/TYPE=');
	const bare = (type === -1 ? local : local.slice(0, type)).trim();
	if (bare === '' || bare.length > LONGEST_NUMBER || /^\/TYPE=IP/i.test(local.slice(type))) return undefined;
	const named = kind === 'Number' || kind === 'ShortCode';
	// a Number is believed to be one; in other places only digits are, for "joe@example.net" is e-mail
	return (named && !coded) || /^\+?\d[\d ().-]*$/.test(bare) ? bare : undefined;
}
