import https from 'node:https';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { type DeliveryReportRequest, judgeAsSinch, type SinchVerdict } from '../../lib/provider/testing/index.js';
import type { Identity } from './samples.js';

/** Sends a report over HTTP and judges the response. */
export async function sendByHttp(url: string, request: DeliveryReportRequest, id: string): Promise<SinchVerdict> {
	const response = await fetch(url, request);
	return judgeAsSinch({ status: response.status, body: await response.text() }, id);
}

/** Sends a report over HTTPS with the sender's certificate; accepts any certificate of the server. */
export function sendByHttps(
	url: string,
	{ method, headers, body }: DeliveryReportRequest,
	id: string,
	identity: Identity | undefined,
): Promise<SinchVerdict> {
	return new Promise((resolve, reject) => {
		const sent = https.request(url, { method, headers, rejectUnauthorized: false, agent: false, ...identity });
		sent.once('error', reject);
		sent.once('response', async (response) => {
			const chunks = await response.toArray();
			resolve(judgeAsSinch({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }, id));
		});
		sent.end(body);
	});
}

/** The event that API Gateway (HTTP API) makes from a request; binary bodies are in base64. */
export function gatewayEvent(path: string, { method, headers, body }: DeliveryReportRequest): APIGatewayProxyEventV2 {
	const isBase64Encoded = typeof body !== 'string';
	const host = 'a1b2c3.execute-api.us-east-1.amazonaws.com';
	return {
		version: '2.0',
		routeKey: '$default',
		rawPath: path,
		rawQueryString: '',
		headers: {
			...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
			host,
			'content-length': String(Buffer.byteLength(body)),
			'x-forwarded-for': '192.0.2.7',
		},
		requestContext: {
			accountId: '123456789012',
			apiId: 'a1b2c3',
			domainName: host,
			domainPrefix: 'a1b2c3',
			http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.7', userAgent: '' },
			requestId: 'r1',
			routeKey: '$default',
			stage: '$default',
			time: '16/Mar/2026:14:03:51 +0000',
			timeEpoch: 1773669831000,
		},
		body: isBase64Encoded ? body.toString('base64') : body,
		isBase64Encoded,
	};
}

/** Judges the result that a function returned to API Gateway. */
export function judgeResult(result: unknown, id: string): SinchVerdict {
	const { statusCode = 0, body = '', isBase64Encoded } = result as APIGatewayProxyStructuredResultV2;
	return judgeAsSinch({ status: statusCode, body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') }, id);
}

/** The event of a queue whose messages are events of API Gateway. */
export function queueEvent(...messages: readonly unknown[]): SQSEvent {
	return {
		Records: messages.map((message, index) => ({
			messageId: `message-${index + 1}`,
			receiptHandle: '',
			body: JSON.stringify(message),
			attributes: {
				ApproximateReceiveCount: '1',
				SentTimestamp: '0',
				SenderId: '',
				ApproximateFirstReceiveTimestamp: '0',
			},
			messageAttributes: {},
			md5OfBody: '',
			eventSource: 'aws:sqs',
			eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:reports',
			awsRegion: 'us-east-1',
		})),
	};
}

/** The messages that a worker asks the queue to resend. */
export function failedMessages(result: unknown): string[] {
	return (result as SQSBatchResponse).batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
}
