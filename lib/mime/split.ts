import { randomBytes } from 'node:crypto';
import busboy from 'busboy';
import { Mm7Error } from '../errors.js';
import { locateParts } from './parts.js';

// senders never see it, so they cannot put it into a body
const OUR_BOUNDARY = randomBytes(15).toString('base64url');
const CLOSING_DELIMITER = Buffer.from(`\r\n--${OUR_BOUNDARY}--\r\n`);

const BUSBOY: busboy.BusboyConfig = {
	headers: { 'content-type': `multipart/form-data; boundary=${OUR_BOUNDARY}` },
	// the only charset that keeps every byte
	defCharset: 'latin1',
	// the body is already bounded
	limits: { fieldSize: Number.POSITIVE_INFINITY },
};

/**
 * Splits a MIME body with busboy, which accepts only `multipart/form-data` with form-data dispositions. So the framing
 * is rewritten first: every delimiter becomes one of ours, followed by the only header that busboy needs, with the number
 * of the part as its name. The part's own headers stay here.
 *
 * @returns the headers of each part by lower-case name, and its bytes as sent
 * @throws Mm7Error ERR_MM7_TOO_MANY_PARTS, ERR_MM7_MIME
 */
export function splitParts(body: Buffer, boundary: string, maxParts: number) {
	const located = locateParts(body, boundary, maxParts);
	if (located.length > maxParts) {
		throw new Mm7Error('ERR_MM7_TOO_MANY_PARTS', { detail: `more than ${maxParts}` });
	}
	const relabeled = located.flatMap(({ start, end }, i) => [ourDelimiter(i), body.subarray(start, end)]);
	const contents = runBusboy(Buffer.concat([...relabeled, CLOSING_DELIMITER]));
	return located.map(({ headers }, index) => {
		const bytes = contents.get(String(index));
		if (!bytes) throw new Mm7Error('ERR_MM7_MIME', { detail: `part ${index + 1} of ${located.length} was not found` });
		return { headers, bytes };
	});
}

function ourDelimiter(index: number): Buffer {
	return Buffer.from(`\r\n--${OUR_BOUNDARY}\r\nContent-Disposition: form-data; name="${index}"\r\n\r\n`);
}

/** The contents of the parts by name. busboy emits them synchronously during the write, so none is missing at the end. */
function runBusboy(body: Buffer): Map<string, Buffer> {
	const contents = new Map<string, Buffer>();
	const splitter = busboy(BUSBOY);
	splitter.on('field', (name, value) => contents.set(name, Buffer.from(value, 'latin1')));
	// cannot happen, since we write all headers; but an unhandled error would end the process
	splitter.on('error', () => undefined);
	splitter.write(body);
	return contents;
}
