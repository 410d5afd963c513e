import addXml from 'body-parser-xml';
import { answerTo, XML } from '../answer.js';
import { bodyParser, express } from '../root-packages.js';
import { reportOf, TREE } from '../xml2js-tree.js';

addXml(bodyParser);

/** body-parser-xml with the settings that make its tree usable, and the answer by hand. */
export function receiver() {
	const { xml } = /** @type {any} */ (bodyParser);
	const app = express();
	app.use('/mm7', xml({ type: () => true, xmlParseOptions: TREE }), (req, res) => {
		res.set('Content-Type', XML).send(answerTo(reportOf(req.body)));
	});
	return app;
}
