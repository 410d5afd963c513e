/** Every MM7 namespace begins with this; the release follows (`REL-6-MM7-1-4`). */
export const MM7_NAMESPACE_BASE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/';

export function isMm7Namespace(namespace: string): boolean {
	return namespace.startsWith(MM7_NAMESPACE_BASE);
}

/** Used in a response if the request had neither namespace nor version. */
export const NEWEST_RELEASE = {
	namespace: `${MM7_NAMESPACE_BASE}REL-6-MM7-1-4`,
	mm7Version: '6.8.0',
} as const;
