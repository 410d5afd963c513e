import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { Mm7Error } from '../errors.js';
import { locateParts } from './parts.js';

/** A part of a MIME body: its headers by lower-case name, its bytes as sent. */
export interface MimePart {
	readonly headers: Readonly<Record<string, string>>;
	readonly bytes: Buffer;
}

// The sender never sees it, so it cannot put it into a body: one for the life of the process will do.
const OUR_BOUNDARY = randomBytes(15).toString('base64url');
const OUR_CONTENT_TYPE = `multipart/form-data; boundary=${OUR_BOUNDARY}`;
const LINE_BREAK = Buffer.from('\r\n');
const CLOSING_DELIMITER = Buffer.from(`--${OUR_BOUNDARY}--\r\n`);

/**
 * Splits a MIME body with busboy. busboy takes `multipart/form-data` only and drops every part without a
 * form-data disposition, so the body is relabelled first: each delimiter becomes one of our own, followed by
 * the headers that busboy wants. The number of the part stands for its name; its own headers stay with us.
 *
 * @throws Mm7Error ERR_MM7_TOO_MANY_PARTS, ERR_MM7_MIME
 */
export async function splitParts(body: Buffer, boundary: string, maxParts: number): Promise<MimePart[]> {
	const located = locateParts(body, boundary, maxParts);
	if (located.length > maxParts) {
		throw new Mm7Error('ERR_MM7_TOO_MANY_PARTS', { detail: `more than ${maxParts}` });
	}
	const relabelled: Buffer[] = [];
	for (const [index, part] of located.entries()) {
		relabelled.push(ourDelimiter(index), body.subarray(part.start, part.end), LINE_BREAK);
	}
	relabelled.push(CLOSING_DELIMITER);

	const contents = await runBusboy(Buffer.concat(relabelled), located.length);
	return located.map(({ headers }, index) => ({ headers, bytes: contents[index] as Buffer }));
}

function ourDelimiter(index: number): Buffer {
	return Buffer.from(
		`--${OUR_BOUNDARY}\r\nContent-Disposition: form-data; name="${index}"; filename="${index}"\r\n\r\n`,
	);
}

function runBusboy(body: Buffer, count: number): Promise<Buffer[]> {
	return new Promise((resolve, reject) => {
		const contents: Buffer[] = [];
		const fail = (cause: unknown) => reject(new Mm7Error('ERR_MM7_MIME', { cause }));
		const splitter = busboy({ headers: { 'content-type': OUR_CONTENT_TYPE } });
		splitter.on('file', (name: string, content: Readable) => {
			const chunks: Buffer[] = [];
			content.on('data', (chunk: Buffer) => chunks.push(chunk));
			content.on('end', () => {
				contents[Number(name)] = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
			});
			// a body that ends early makes busboy fail twice, here and there; unheard it ends the process
			content.on('error', fail);
		});
		splitter.on('error', fail);
		splitter.on('close', () => {
			const complete = Object.keys(contents).length === count;
			if (complete) resolve(contents);
			else fail(new Error(`busboy gave ${Object.keys(contents).length} of ${count} parts`));
		});
		splitter.end(body);
	});
}
