import { parseXml } from '../../lib/xml/parse.js';
import type { XmlLimits } from '../../lib/xml/tree-builder.js';

/** Small enough for a test to exceed. */
export const LIMITS: XmlLimits = { elements: 20, depth: 5, attributes: 3 };

/** The code of the error that rejects a document; `undefined` if it is accepted. */
export function codeOf(xml: string, limits = LIMITS): string | undefined {
	try {
		parseXml(xml, limits);
		return undefined;
	} catch (error) {
		return (error as { code?: string }).code;
	}
}
