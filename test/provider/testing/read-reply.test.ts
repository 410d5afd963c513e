import { expect } from 'chai';
import { parseReadReply } from '../../../lib/index.js';
import { child } from '../../../lib/mm7/find.js';
import {
	deliveryReportRequest,
	judgeAsSinch,
	parseAnswer,
	readReplyRequest,
} from '../../../lib/provider/testing/index.js';
import { parseXml } from '../../../lib/xml/parse.js';
import { app, listen, stopServers } from '../../support/server.js';

const LIMITS = { elements: 100, depth: 20, attributes: 20 };

describe('readReplyRequest', () => {
	afterEach(stopServers);

	it('makes a ReadReplyReq in the order of the schema', () => {
		const { body } = readReplyRequest({
			mmsRelayServerId: 'relay-1',
			statusText: 'opened',
			applicId: 'a',
			replyApplicId: 'b',
			auxApplicInfo: 'c',
		});
		const operation = child(parseXml(String(body), LIMITS), 'Body')?.children[0];
		expect(operation?.name).to.equal('ReadReplyReq');
		expect(operation?.children.map(({ name }) => name)).to.deep.equal([
			'MM7Version',
			'MMSRelayServerID',
			'MessageID',
			'Recipient',
			'Sender',
			'TimeStamp',
			'MMStatus',
			'StatusText',
			'ApplicID',
			'ReplyApplicID',
			'AuxApplicInfo',
		]);
	});

	for (const form of ['xml', 'multipart', 'bare'] as const) {
		it(`is read back as it was said, as ${form}`, async () => {
			const fields = { messageId: '48', mmStatus: 'Deleted', date: new Date('2026-03-16T15:00:00Z'), operatorId: '7' };
			const { body, headers } = readReplyRequest(fields, { form });
			expect(await parseReadReply(body, headers)).to.deep.include({
				...fields,
				state: 'deleted',
				statusText: undefined,
			});
		});
	}

	it('sends a read reply that was read again as it is', async () => {
		const sent = readReplyRequest({
			mmStatus: 'Deleted',
			extensions: { LinkedID: 'l' },
			sender: undefined,
			date: null,
		});
		const { receivedAt: _, ...reply } = await parseReadReply(sent.body, sent.headers);
		const again = readReplyRequest(reply);
		expect(again).to.deep.equal(sent);
	});

	it('is answered with what parseAnswer reads and judgeAsSinch accepts', async () => {
		const { port } = await listen(app(undefined, { readReplies: () => undefined }));
		const response = await fetch(`http://127.0.0.1:${port}/mm7`, readReplyRequest({ transactionId: ' 42 ' }));
		const answer = { status: response.status, body: await response.text() };
		expect(parseAnswer(answer.body)).to.include({ operation: 'ReadReplyRsp', statusCode: 1000, transactionId: '42' });
		expect(judgeAsSinch(answer, ' 42 ').verdict).to.equal('accepted');
		expect(judgeAsSinch(answer, '43').verdict).to.equal('again');
	});

	it('refuses what only a delivery report has', () => {
		for (const name of ['mmStatusExtension', 'uaCapabilities', 'final']) {
			expect(() => readReplyRequest({ [name]: undefined })).to.throw(TypeError, `unknown field ${name}`);
			expect(() => deliveryReportRequest({ [name]: undefined })).not.to.throw();
		}
	});
});
