import { randomBytes } from 'node:crypto';
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
const LINE_BREAK = Buffer.from('\r\n');
const CLOSING_DELIMITER = Buffer.from(`--${OUR_BOUNDARY}--\r\n`);

const BUSBOY: busboy.BusboyConfig = {
	headers: { 'content-type': `multipart/form-data; boundary=${OUR_BOUNDARY}` },
	// the one charset that gives every byte back
	defCharset: 'latin1',
	// the body was bounded before
	limits: { fieldSize: Number.POSITIVE_INFINITY },
};

/**
 * Splits a MIME body with busboy. busboy takes `multipart/form-data` only, and only parts with a form-data
 * disposition. So the framing is made canonical first: every delimiter becomes one of our own, followed by the one
 * header that busboy wants, whose name is the number of the part. Then busboy splits: what it hands out is a part, and
 * its bytes are those that it hands out. The part's own headers stay here.
 *
 * @throws Mm7Error ERR_MM7_TOO_MANY_PARTS, ERR_MM7_MIME
 */
export function splitParts(body: Buffer, boundary: string, maxParts: number): MimePart[] {
	const located = locateParts(body, boundary, maxParts);
	if (located.length > maxParts) {
		throw new Mm7Error('ERR_MM7_TOO_MANY_PARTS', { detail: `more than ${maxParts}` });
	}
	const relabelled: Buffer[] = [];
	for (const [index, part] of located.entries()) {
		relabelled.push(ourDelimiter(index), body.subarray(part.start, part.end), LINE_BREAK);
	}
	relabelled.push(CLOSING_DELIMITER);

	const contents = runBusboy(Buffer.concat(relabelled));
	return located.map(({ headers }, index) => {
		const bytes = contents.get(String(index));
		if (!bytes) throw new Mm7Error('ERR_MM7_MIME', { detail: `part ${index + 1} of ${located.length} was not found` });
		return { headers, bytes };
	});
}

function ourDelimiter(index: number): Buffer {
	return Buffer.from(`--${OUR_BOUNDARY}\r\nContent-Disposition: form-data; name="${index}"\r\n\r\n`);
}

/**
 * The contents of the parts by name. busboy hands out fields while it is written to, so nothing has to be waited for:
 * what it has not found when the closing delimiter is written, it will not find.
 */
function runBusboy(body: Buffer): Map<string, Buffer> {
	const contents = new Map<string, Buffer>();
	const splitter = busboy(BUSBOY);
	splitter.on('field', (name, value) => contents.set(name, Buffer.from(value, 'latin1')));
	// cannot happen, for all headers are ours; but unheard it would end the process
	splitter.on('error', () => undefined);
	splitter.write(body);
	return contents;
}
