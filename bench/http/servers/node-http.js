import { FIXED, XML } from '../answer.js';

const LENGTH = Buffer.byteLength(FIXED);

/** The floor: Node itself reads the body and answers a constant. */
export function receiver() {
	return (
		/** @type {import('node:http').IncomingMessage} */ req,
		/** @type {import('node:http').ServerResponse} */ res,
	) => {
		/** @type {Buffer[]} */
		const chunks = [];
		req.on('data', (chunk) => chunks.push(chunk));
		req.on('end', () => {
			Buffer.concat(chunks);
			res.writeHead(200, { 'Content-Type': XML, 'Content-Length': LENGTH }).end(FIXED);
		});
	};
}
