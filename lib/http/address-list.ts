import { BlockList, isIP, isIPv4 } from 'node:net';

/** A set of addresses and ranges. */
export interface AddressList {
	includes(address: string | undefined): boolean;
}

/**
 * Makes the list of `allowFrom`.
 *
 * @param entries - IPv4 or IPv6 addresses and CIDR ranges: `192.0.2.7`, `2001:db8::/32`
 * @throws TypeError for an entry that is neither
 */
export function addressList(entries: readonly string[]): AddressList {
	const list = new BlockList();
	for (const entry of entries) addEntry(list, entry);
	return {
		includes(address) {
			const plain = plainAddress(address ?? '');
			return isIP(plain) !== 0 && list.check(plain, familyOf(plain));
		},
	};
}

function addEntry(list: BlockList, entry: string): void {
	const slash = entry.indexOf('/');
	const address = plainAddress(slash === -1 ? entry : entry.slice(0, slash));
	const prefix = slash === -1 ? undefined : entry.slice(slash + 1);
	const longest = isIPv4(address) ? 32 : 128;
	if (isIP(address) === 0 || (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= longest))) {
		throw new TypeError(`"${entry}" is neither an IP address nor a CIDR range`);
	}
	if (prefix === undefined) list.addAddress(address, familyOf(address));
	else list.addSubnet(address, Number(prefix), familyOf(address));
}

/** Without zone (`fe80::1%eth0`), and an IPv4 address mapped into IPv6 (`::ffff:192.0.2.7`) as IPv4. */
function plainAddress(address: string): string {
	const withoutZone = address.split('%', 1)[0] as string;
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(withoutZone);
	return mapped?.[1] ?? withoutZone;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
	return isIPv4(address) ? 'ipv4' : 'ipv6';
}
