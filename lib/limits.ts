/** Bounds on what one request may hold, complete. */
export interface Limits {
	/** Bytes of the body, decompressed. */
	readonly body: number;
	/** Bytes of the SOAP part, decoded. */
	readonly soap: number;
	/** Parts of a multipart body. */
	readonly parts: number;
	/** XML elements of the SOAP part. */
	readonly elements: number;
	/** Nesting of XML elements. */
	readonly depth: number;
	/** Attributes of one XML element, namespace declarations included. */
	readonly attributes: number;
}
