import { SaxesParser } from 'saxes';
import { answerTo, XML } from '../answer.js';
import { express } from '../root-packages.js';

/**
 * The texts of a document by local name: the least that a hand-written reader does.
 *
 * @param {string} xml
 */
function textsOf(xml) {
	/** @type {Record<string, string>} */
	const texts = Object.create(null);
	let text = '';
	const parser = new SaxesParser({ xmlns: true });
	parser.on('error', (error) => {
		throw error;
	});
	parser.on('opentag', () => {
		text = '';
	});
	parser.on('text', (part) => {
		text += part;
	});
	parser.on('closetag', ({ local }) => {
		texts[local] ??= text.trim();
		text = '';
	});
	parser.write(xml).close();
	return texts;
}

/** express.text and saxes, which knows namespaces and is the quickest of the strict parsers; the rest by hand. */
export function receiver() {
	const app = express();
	app.use('/mm7', express.text({ type: () => true, limit: '1mb' }), (req, res) => {
		const texts = textsOf(req.body);
		const answer = answerTo({
			transactionId: texts['TransactionID'],
			messageId: texts['MessageID'],
			recipient: texts['Number'],
			mmStatus: texts['MMStatus'],
		});
		res.set('Content-Type', XML).send(answer);
	});
	return app;
}
