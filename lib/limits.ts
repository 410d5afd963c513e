/** The option `limits`. */
export interface LimitOptions {
	/** Maximum size of the body after inflating: bytes, or a string like `'512kb'`. Larger bodies get 413. Default `'1mb'`. */
	readonly body?: number | string | undefined;
	/** Maximum size of the SOAP part: bytes, or a string. Larger ones get 413. Default `'256kb'`. */
	readonly soap?: number | string | undefined;
	/** Maximum number of parts in a multipart body, up to 1000. Default 16. */
	readonly parts?: number | undefined;
	/** Maximum number of XML elements in the SOAP part, up to 1,000,000. Default 512. */
	readonly elements?: number | undefined;
	/** Maximum nesting of XML elements, 4 to 256. Default 32. */
	readonly depth?: number | undefined;
	/** Maximum number of attributes of one XML element, namespace declarations included, up to 10,000. Default 64. */
	readonly attributes?: number | undefined;
}

/** The complete limits; sizes in bytes. */
export type Limits = { readonly [Name in keyof LimitOptions]-?: number };
