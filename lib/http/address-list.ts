import { BlockList, isIP } from 'node:net';

export type AddressList = ReturnType<typeof addressList>;

/** `192.0.2.7:51234`, `[2001:db8::7]:51234`: Azure and IIS add the client's port to X-Forwarded-For. */
const WITH_PORT = /^(?:\[([^[\]]+)\]|([^[\]]*\.\d+))(?::\d{1,5})?$/;

/**
 * Makes the list of `allowFrom` from addresses and CIDR ranges (`2001:db8::/32`). An IPv4 address equals the same one
 * mapped into IPv6 (`::ffff:192.0.2.7`), so `::/0` includes all addresses of both kinds. When an address is looked up, a
 * port after it is ignored.
 *
 * @throws TypeError for an entry that is neither
 */
export function addressList(entries: readonly string[]) {
	const list = new BlockList();
	for (const entry of entries) addEntry(list, entry);
	return {
		includes(given = ''): boolean {
			const [, inBrackets, dotted] = WITH_PORT.exec(given) ?? [];
			const address = inBrackets ?? dotted ?? given;
			return isIP(address) !== 0 && list.check(address, familyOf(address));
		},
	};
}

function addEntry(list: BlockList, entry: string): void {
	const [address = '', ...prefixes] = entry.split('/');
	const family = familyOf(address);
	const longest = family === 'ipv4' ? 32 : 128;
	const [prefix = String(longest)] = prefixes;
	if (!isIP(address) || prefixes.length > 1 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > longest) {
		throw new TypeError(`"${entry}" is neither an IP address nor a CIDR range`);
	}
	list.addSubnet(address, Number(prefix), family);
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
	return isIP(address) === 4 ? 'ipv4' : 'ipv6';
}
