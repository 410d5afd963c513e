import { readFileSync } from 'node:fs';
import { listen } from 'soap';
import { express } from '../root-packages.js';

const WSDL = readFileSync(new URL('delivery-report.wsdl', import.meta.url), 'utf8');
const MM7 = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';

/** @typedef {{ MessageID?: string, Recipient?: object, MMStatus?: string }} Report */

const services = {
	MM7: {
		MM7: {
			/** @param {Report} report */
			DeliveryReportReq({ MessageID, Recipient, MMStatus }) {
				if (!MessageID || !Recipient || !MMStatus) throw new Error('a mandatory element is missing');
				return { MM7Version: '6.8.0', Status: { StatusCode: 1000, StatusText: 'Success' } };
			},
		},
	},
};

/** node-soap as its README shows it, with a WSDL for the one operation. */
export function receiver() {
	const app = express();
	const soapServer = listen(app, '/mm7', services, WSDL);
	soapServer.addSoapHeader(
		/**
		 * @param {string} _method
		 * @param {unknown} _args
		 * @param {{ TransactionID?: { $value?: string } | string }} headers
		 */
		(_method, _args, { TransactionID }) => ({
			TransactionID: typeof TransactionID === 'object' ? TransactionID.$value : TransactionID,
		}),
		'',
		'',
		MM7,
	);
	return app;
}
