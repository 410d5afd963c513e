import { XMLParser } from 'fast-xml-parser';
import { answerTo, XML } from '../answer.js';
import { express } from '../root-packages.js';

/** express.text and fast-xml-parser, the rest by hand. */
export function receiver() {
	// ids are texts: the default would make numbers of them and lose digits
	const parser = new XMLParser({ removeNSPrefix: true, ignoreAttributes: false, parseTagValue: false });
	const app = express();
	app.use('/mm7', express.text({ type: () => true, limit: '1mb' }), (req, res) => {
		const { Header, Body } = parser.parse(req.body).Envelope;
		const report = Body.DeliveryReportReq;
		const answer = answerTo({
			transactionId: Header.TransactionID['#text'] ?? Header.TransactionID,
			messageId: report.MessageID,
			recipient: report.Recipient?.Number,
			mmStatus: report.MMStatus,
		});
		res.set('Content-Type', XML).send(answer);
	});
	return app;
}
