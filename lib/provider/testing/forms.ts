import type { SoapVersion } from '../../soap/soap-version.js';

/**
 * The place of the SOAP message in the request:
 * - `xml`: as the body, `text/xml; charset=utf-8`;
 * - `multipart`: in the root part of a real `multipart/related`, named by `start`, before the attachments;
 * - `bare`: as the body, with `Content-Type: multipart/related; type="text/xml";` and no boundary, as Sinch documents
 *   its requests.
 */
export type RequestForm = 'xml' | 'multipart' | 'bare';

/** A part after the SOAP message of a multipart request. */
export interface Attachment {
	/** Default `application/octet-stream`. */
	readonly contentType?: string | undefined;
	/** Without `<` and `>`. Default: `attachment-1` and so on. */
	readonly contentId?: string | undefined;
	/** Sent unchanged; text in UTF-8. */
	readonly content: string | Uint8Array;
}

/**
 * A Buffer over memory that is not shared, as `fetch` requires. Not `Buffer<ArrayBuffer>`, because Buffer has no type
 * parameter in TypeScript 5.6 and older `@types/node`.
 */
export type Bytes = Buffer & { readonly buffer: ArrayBuffer };

/** Content-Type and body of a request. */
export interface Form {
	readonly contentType: string;
	readonly body: string | Bytes;
}

const MEDIA_TYPES = { '1.1': 'text/xml', '1.2': 'application/soap+xml' } as const satisfies Record<SoapVersion, string>;

const ROOT_ID = '<delivery-report>';

/** Puts a SOAP message into the body of a request. */
export function asForm(
	form: RequestForm,
	xml: string,
	soapVersion: SoapVersion,
	attachments: readonly Attachment[],
): Form {
	const mediaType = MEDIA_TYPES[soapVersion];
	switch (form) {
		case 'xml':
			return { contentType: `${mediaType}; charset=utf-8`, body: xml };
		case 'bare':
			return { contentType: `multipart/related; type="${mediaType}";`, body: xml };
		case 'multipart':
			return multipart(xml, mediaType, attachments);
	}
}

/** RFC 2387, with CRLF line breaks (RFC 2046 section 5.1.1). */
function multipart(xml: string, mediaType: string, attachments: readonly Attachment[]): Form {
	const parts = [
		{ contentType: `${mediaType}; charset=utf-8`, contentId: ROOT_ID, bytes: Buffer.from(xml) },
		...attachments.map(({ contentType = 'application/octet-stream', contentId, content }, index) => ({
			contentType,
			contentId: `<${contentId ?? `attachment-${index + 1}`}>`,
			bytes: Buffer.from(content as Uint8Array),
		})),
	];
	const boundary = unusedBoundary(parts.map(({ bytes }) => bytes));
	const chunks = parts.flatMap(({ contentType, contentId, bytes }) => [
		Buffer.from(`--${boundary}\r\nContent-Type: ${contentType}\r\nContent-ID: ${contentId}\r\n\r\n`),
		bytes,
		Buffer.from('\r\n'),
	]);
	return {
		contentType: `multipart/related; boundary="${boundary}"; type="${mediaType}"; start="${ROOT_ID}"`,
		body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
	};
}

/** The same boundary for the same contents, so that a request can be compared with a recorded one. */
function unusedBoundary(contents: readonly Buffer[]): string {
	for (let number = 1; ; number++) {
		const boundary = `mm7-part-${number}-end`;
		if (!contents.some((content) => content.includes(boundary))) return boundary;
	}
}
