import { xml2js } from './root-packages.js';

/** Options of xml2js that most applications choose: no arrays of one, no prefixes. */
export const TREE = {
	explicitArray: false,
	tagNameProcessors: [xml2js.processors.stripPrefix],
};

/**
 * What an application takes out of the tree.
 *
 * @param {any} tree
 */
export function reportOf({ Envelope: { Header, Body } }) {
	const transaction = Header.TransactionID;
	const report = Body.DeliveryReportReq;
	return {
		transactionId: transaction._ ?? transaction,
		messageId: report.MessageID,
		recipient: report.Recipient?.Number,
		mmStatus: report.MMStatus,
	};
}
