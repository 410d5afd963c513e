import xmlParser from 'express-xml-bodyparser';
import { answerTo, XML } from '../answer.js';
import { express } from '../root-packages.js';
import { reportOf, TREE } from '../xml2js-tree.js';

// it has no other way to be told of a Content-Type that is not XML
xmlParser.regexp = /^(?:text\/xml|multipart\/related)/i;

/** express-xml-bodyparser with the settings that make its tree usable, and the answer by hand. */
export function receiver() {
	const app = express();
	app.use('/mm7', xmlParser({ ...TREE, normalizeTags: false }), (req, res) => {
		res.set('Content-Type', XML).send(answerTo(reportOf(req.body)));
	});
	return app;
}
