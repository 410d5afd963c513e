import { attribute, child, type Element } from '../xml/element.js';

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

const KINDS = ['Number', 'ShortCode', 'RFC2822Address'] as const;
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
		const kind = KINDS.find((name) => candidate.name.toLowerCase() === name.toLowerCase());
		if (kind && candidate.text) return makeAddress(kind, candidate);
		// the spelling of RFC 822, the forerunner
		if (candidate.name.toLowerCase() === 'rfc822address' && candidate.text) {
			return makeAddress('RFC2822Address', candidate);
		}
	}
	const nested = readAddress(child(element, 'To', 'Cc', 'Bcc', 'Recipient'));
	if (nested) return nested;
	const holder = element.text ? element : element.children.find(({ text }) => text !== '');
	return holder && makeAddress('Text', holder);
}

function makeAddress(kind: Address['kind'], element: Element): Address {
	const address = element.text;
	const displayOnly = attribute(element, 'displayOnly')?.toLowerCase();
	const addressCoding = attribute(element, 'addressCoding');
	const id = attribute(element, 'id');
	const number = numberOf(kind, address, addressCoding !== undefined);
	return {
		kind,
		address,
		...(number !== undefined && { number }),
		...(displayOnly !== undefined && { displayOnly: displayOnly === 'true' || displayOnly === '1' }),
		...(addressCoding !== undefined && { addressCoding }),
		...(id !== undefined && { id }),
	};
}

function numberOf(kind: Address['kind'], address: string, coded: boolean): string | undefined {
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
