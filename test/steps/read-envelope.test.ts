import { expect } from 'chai';
import { Mm7Error } from '../../lib/errors.js';
import { MM7_NAMESPACE_BASE } from '../../lib/mm7/namespaces.js';
import { SOAP_NAMESPACES } from '../../lib/soap/soap-version.js';
import { isDeliveryReport, type ParsedEnvelope, readEnvelope } from '../../lib/steps/read-envelope.js';

const NAMESPACE = `${MM7_NAMESPACE_BASE}REL-6-MM7-1-4`;
const SOAP = SOAP_NAMESPACES['1.1'];

function read(xml: string): ParsedEnvelope {
	return readEnvelope(xml, { elements: 100, depth: 12, attributes: 8 });
}

function errorOf(xml: string): Mm7Error {
	try {
		read(xml);
	} catch (error) {
		if (error instanceof Mm7Error) return error;
	}
	throw new Error('no Mm7Error was thrown');
}

function envelope(header: string, body: string, attributes = `xmlns:e="${SOAP}"`): string {
	return `<e:Envelope ${attributes}><e:Header>${header}</e:Header><e:Body>${body}</e:Body></e:Envelope>`;
}

const REPORT = `<DeliveryReportReq xmlns="${NAMESPACE}"><MM7Version>6.8.0</MM7Version></DeliveryReportReq>`;
const HEADER = `<TransactionID xmlns="${NAMESPACE}">1</TransactionID>`;

describe('readEnvelope', () => {
	it('reads operation, TransactionID, namespace and version, and keeps the text', () => {
		const xml = envelope(HEADER, REPORT);
		expect(read(xml).envelope).to.deep.equal({
			operation: 'DeliveryReportReq',
			transactionId: '1',
			namespace: NAMESPACE,
			mm7Version: '6.8.0',
			xml,
		});
		expect(read(xml).soapVersion).to.equal('1.1');
		expect(isDeliveryReport(read(xml).envelope)).to.equal(true);
	});

	it('reads any prefix, and the same namespace by prefix and as default', () => {
		for (const prefix of ['mm7', 'mm7p6a0', 'é', '_1', 'a.b-c']) {
			const xml = envelope(
				`<${prefix}:TransactionID xmlns:${prefix}="${NAMESPACE}">1</${prefix}:TransactionID>`,
				`<${prefix}:DeliveryReportReq xmlns:${prefix}="${NAMESPACE}"><MM7Version>6.8.0</MM7Version></${prefix}:DeliveryReportReq>`,
			);
			expect(read(xml).envelope, prefix).to.include({ transactionId: '1', namespace: NAMESPACE, mm7Version: '6.8.0' });
		}
	});

	it('reads any MM7 namespace, and takes that of the operation where the header has another', () => {
		for (const release of ['REL-5-MM7-1-0', 'REL-5-MM7-1-5', 'REL-6-MM7-1-4', 'REL-6-MM7-6-7', 'REL-5-MM7-1-0.xsd']) {
			const xml = envelope(HEADER, `<DeliveryReportReq xmlns="${MM7_NAMESPACE_BASE}${release}"/>`);
			const parsed = read(xml);
			expect(parsed.envelope.namespace).to.equal(MM7_NAMESPACE_BASE + release);
			expect(parsed.transaction?.namespace).to.equal(NAMESPACE);
		}
	});

	it('trims a namespace, and finds none where there is none or the prefix is not declared', () => {
		const namespaceOf = (body: string, attributes?: string) => read(envelope('', body, attributes)).envelope.namespace;
		expect(namespaceOf(`<DeliveryReportReq xmlns="${NAMESPACE} "/>`)).to.equal(NAMESPACE);
		expect(namespaceOf('<DeliveryReportReq/>')).to.equal(undefined);
		expect(namespaceOf('<mm7:DeliveryReportReq/>')).to.equal(undefined);
		expect(namespaceOf('<DeliveryReportReq xmlns=""/>', `xmlns:e="${SOAP}" xmlns="${NAMESPACE}"`)).to.equal(undefined);
		expect(namespaceOf('<m:DeliveryReportReq/>', `xmlns:e="${SOAP}" xmlns:m="${NAMESPACE}"`)).to.equal(NAMESPACE);
	});

	it('reads SOAP 1.1, its early namespace, SOAP 1.2, no namespace and an undeclared prefix', () => {
		const version = (attributes: string) => read(envelope(HEADER, REPORT, attributes)).soapVersion;
		expect(version(`xmlns:e="${SOAP}"`)).to.equal('1.1');
		expect(version('xmlns:e="http://schemas.xmlsoap.org/soap/soap-envelope"')).to.equal('1.1');
		expect(version(`xmlns:e="${SOAP_NAMESPACES['1.2']} "`)).to.equal('1.2');
		expect(version('')).to.equal('1.1');
		expect(version(`xmlns:env="${SOAP}"`)).to.equal('1.1');
	});

	it('reads Header and Body in any order and case, and a Body without Header', () => {
		const xml = `<Envelope><BODY>${REPORT}</BODY><header>${HEADER}</header></Envelope>`;
		expect(read(xml).envelope).to.include({ transactionId: '1', operation: 'DeliveryReportReq' });
		expect(read(`<Envelope><Body>${REPORT}</Body></Envelope>`).envelope.transactionId).to.equal(undefined);
	});

	it('reads no TransactionID that is deeper or elsewhere', () => {
		const deeper = envelope('<s:Security><TransactionID>2</TransactionID></s:Security>', REPORT);
		expect(read(deeper).envelope.transactionId).to.equal(undefined);
		const elsewhere = envelope('', '<DeliveryReportReq><TransactionID>2</TransactionID></DeliveryReportReq>');
		expect(read(elsewhere).envelope.transactionId).to.equal(undefined);
	});

	it('keeps a TransactionID as text, trimmed of blanks only', () => {
		const id = (text: string) =>
			read(envelope(`<TransactionID>${text}</TransactionID>`, REPORT)).envelope.transactionId;
		expect(id('\r\n  0012\t')).to.equal('0012');
		expect(id('<![CDATA[a&b]]><!-- c -->d')).to.equal('a&bd');
		expect(id(' ')).to.equal(undefined);
	});

	it('reads a document with blanks and NUL characters round it', () => {
		for (const [before, behind] of [
			['\r\n \t', ''],
			['\ufeff', '\0'],
			['\r\n\ufeff', '\0\0\r\n'],
			['', '\r\n\0 \0\r\n'],
		] as const) {
			expect(read(before + envelope(HEADER, REPORT) + behind).envelope.transactionId).to.equal('1');
		}
	});

	it('knows the misspelt name of a delivery report, in any case, and no other operation', () => {
		const is = (name: string) => isDeliveryReport(read(envelope(HEADER, `<${name}/>`)).envelope);
		for (const name of ['DeliveryReportReq', 'DeliverReportReq', 'deliveryreportreq'])
			expect(is(name), name).to.equal(true);
		for (const name of ['DeliverReq', 'ReadReplyReq', 'DeliveryReportRsp', 'Fault'])
			expect(is(name), name).to.equal(false);
	});

	it('refuses what is no SOAP message', () => {
		expect(errorOf('<Report/>').code).to.equal('ERR_MM7_NOT_SOAP');
		expect(errorOf(REPORT).code).to.equal('ERR_MM7_NOT_SOAP');
		expect(errorOf('<Envelope/>').code).to.equal('ERR_MM7_NOT_SOAP');
		expect(errorOf('<Envelope><Body/></Envelope>').code).to.equal('ERR_MM7_NOT_SOAP');
		expect(errorOf('<Envelope><Body>text</Body></Envelope>').code).to.equal('ERR_MM7_NOT_SOAP');
		expect(errorOf(envelope(HEADER, REPORT, 'xmlns:e="urn:x"')).code).to.equal('ERR_MM7_SOAP_VERSION');
	});

	it('names the TransactionID of what it refuses, where it can be read', () => {
		expect(errorOf(envelope(HEADER, '')).transactionId).to.equal('1');
		expect(errorOf(envelope(HEADER, '<a>')).transactionId).to.equal('1');
		expect(errorOf(envelope('<m:TransactionID a="b" > x&amp;y </m:TransactionID>', '<a>')).transactionId).to.equal(
			'x&y',
		);
		expect(errorOf(envelope('', '<a>')).transactionId).to.equal(undefined);
		expect(errorOf(envelope('<TransactionID>1', '<a>')).transactionId).to.equal('1');
		expect(errorOf(envelope(`<TransactionID>${'1'.repeat(2000)}</TransactionID>`, '<a>')).transactionId).to.equal(
			undefined,
		);
	});
});
