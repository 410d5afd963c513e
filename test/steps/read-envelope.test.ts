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
	it('reads operation, TransactionID, namespace and version, and keeps the XML', () => {
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

	it('accepts any prefix', () => {
		for (const prefix of ['mm7', 'mm7p6a0', 'é', '_1', 'a.b-c']) {
			const xml = envelope(
				`<${prefix}:TransactionID xmlns:${prefix}="${NAMESPACE}">1</${prefix}:TransactionID>`,
				`<${prefix}:DeliveryReportReq xmlns:${prefix}="${NAMESPACE}"><MM7Version>6.8.0</MM7Version></${prefix}:DeliveryReportReq>`,
			);
			expect(read(xml).envelope, prefix).to.include({ transactionId: '1', namespace: NAMESPACE, mm7Version: '6.8.0' });
		}
	});

	it('reads the MM7 namespace of the operation, which may differ from that of the header', () => {
		for (const release of ['REL-5-MM7-1-0', 'REL-5-MM7-1-5', 'REL-6-MM7-1-4', 'REL-6-MM7-6-7', 'REL-5-MM7-1-0.xsd']) {
			const xml = envelope(HEADER, `<DeliveryReportReq xmlns="${MM7_NAMESPACE_BASE}${release}"/>`);
			const parsed = read(xml);
			expect(parsed.envelope.namespace).to.equal(MM7_NAMESPACE_BASE + release);
			expect(parsed.transaction?.namespace).to.equal(NAMESPACE);
		}
	});

	it('trims the namespace, and returns undefined without a declaration', () => {
		const namespaceOf = (body: string, attributes?: string) => read(envelope('', body, attributes)).envelope.namespace;
		expect(namespaceOf(`<DeliveryReportReq xmlns="${NAMESPACE} "/>`)).to.equal(NAMESPACE);
		expect(namespaceOf('<DeliveryReportReq/>')).to.equal(undefined);
		expect(namespaceOf('<mm7:DeliveryReportReq/>')).to.equal(undefined);
		expect(namespaceOf('<DeliveryReportReq xmlns=""/>', `xmlns:e="${SOAP}" xmlns="${NAMESPACE}"`)).to.equal(undefined);
		expect(namespaceOf('<m:DeliveryReportReq/>', `xmlns:e="${SOAP}" xmlns:m="${NAMESPACE}"`)).to.equal(NAMESPACE);
	});

	it('recognizes the SOAP version, and defaults to 1.1 without a namespace', () => {
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

	const IDS: Record<string, [header: string, id: string | undefined, body?: string]> = {
		'a TransactionID with blanks around it': ['<TransactionID>\r\n  0012\t</TransactionID>', '0012'],
		'a TransactionID in CDATA': ['<TransactionID><![CDATA[a&b]]><!-- c -->d</TransactionID>', 'a&bd'],
		'a blank TransactionID': ['<TransactionID> </TransactionID>', undefined],
		'another header': ['<s:Sequence xmlns:s="urn:s">7</s:Sequence>', undefined],
		'a TransactionID inside another header': ['<a><TransactionID>2</TransactionID></a>', undefined],
		'a TransactionID in the operation': ['', undefined, '<AnyReq><TransactionID>2</TransactionID></AnyReq>'],
		'an empty TransactionID before another': ['<TransactionID/><TransactionID>1</TransactionID>', '1'],
		'a foreign TransactionID before that of MM7': [`<TransactionID xmlns="urn:x">2</TransactionID>${HEADER}`, '1'],
		'a TransactionID in the namespace of the operation': [
			'<TransactionID xmlns="urn:x">2</TransactionID><TransactionID xmlns="urn:v">1</TransactionID>',
			'1',
			'<AnyReq xmlns="urn:v"/>',
		],
		'a TransactionID of 8192 characters': [`<TransactionID>${'x'.repeat(8192)}</TransactionID>`, 'x'.repeat(8192)],
	};
	for (const [name, [header, id, body = REPORT]] of Object.entries(IDS)) {
		it(`reads ${id === undefined ? 'no TransactionID' : 'the TransactionID'} from ${name}`, () => {
			expect(read(envelope(header, body)).envelope.transactionId).to.equal(id);
			expect(read(envelope(header, body)).refusal).to.equal(undefined);
		});
	}

	it('rejects a TransactionID of more than 8192 characters, white space included', () => {
		for (const id of ['x'.repeat(8193), `x${' '.repeat(8192)}`]) {
			const { transaction, refusal } = read(envelope(`<TransactionID>${id}</TransactionID>`, REPORT));
			expect(transaction).to.equal(undefined);
			expect(refusal?.code).to.equal('ERR_MM7_TRANSACTION_ID');
		}
	});

	it('reads mustUnderstand in the SOAP namespace', () => {
		for (const [attribute, expected] of [
			['e:mustUnderstand="1"', true],
			['e:mustUnderstand=" true "', true],
			['xmlns:x="urn:x" x:mustUnderstand="0" e:mustUnderstand="1"', true],
			['e:mustUnderstand="0"', false],
			['e:actor="1"', false],
		] as const) {
			const { transaction } = read(envelope(`<TransactionID ${attribute}>1</TransactionID>`, REPORT));
			expect(transaction?.mustUnderstand, attribute).to.equal(expected);
		}
	});

	it('ignores other elements before the operation, such as those of SOAP encoding', () => {
		for (const other of ['<multiRef id="id0"/>', '<Required/>']) {
			expect(read(envelope(HEADER, `${other}<AnyReq/>`)).envelope.operation, other).to.equal('AnyReq');
		}
	});

	it('ignores blanks and NUL characters around a document', () => {
		for (const [before, after] of [
			['\r\n \t', ''],
			['\ufeff', '\0'],
			['\r\n\ufeff', '\0\0\r\n'],
			['', '\r\n\0 \0\r\n'],
		] as const) {
			expect(read(before + envelope(HEADER, REPORT) + after).envelope.transactionId).to.equal('1');
		}
	});

	it('recognizes a delivery report in any case, and by its misspelled name', () => {
		const is = (name: string) => isDeliveryReport(read(envelope(HEADER, `<${name}/>`)).envelope);
		for (const name of ['DeliveryReportReq', 'DeliverReportReq', 'deliveryreportreq'])
			expect(is(name), name).to.equal(true);
		for (const name of ['DeliverReq', 'ReadReplyReq', 'DeliveryReportRsp', 'Fault'])
			expect(is(name), name).to.equal(false);
	});

	it('rejects documents that are not SOAP messages', () => {
		for (const xml of [
			'<Report/>',
			REPORT,
			'<Envelope/>',
			'<Envelope><Body/></Envelope>',
			'<Envelope><Body>a</Body></Envelope>',
		]) {
			expect(errorOf(xml).code, xml).to.equal('ERR_MM7_NOT_SOAP');
		}
		expect(errorOf(envelope(HEADER, REPORT, 'xmlns:e="urn:x"')).code).to.equal('ERR_MM7_SOAP_VERSION');
	});

	const SALVAGED: Record<string, [xml: string, id: string | undefined]> = {
		'a Body without operation': [envelope(HEADER, ''), '1'],
		'an unknown SOAP version': [
			envelope(`<TransactionID xmlns="urn:x">2</TransactionID>${HEADER}`, REPORT, 'xmlns:e="urn:x"'),
			'1',
		],
		'damaged XML': [envelope('<m:TransactionID a="b" > x&amp;y </m:TransactionID>', '<a>'), 'x&y'],
		'damaged XML in the TransactionID': [envelope('<TransactionID>1', '<a>'), '1'],
		'damaged XML without a TransactionID': [envelope('', '<a>'), undefined],
		'damaged XML with a TransactionID of 2000 characters': [
			envelope(`<TransactionID>${'1'.repeat(2000)}</TransactionID>`, '<a>'),
			undefined,
		],
	};
	for (const [name, [xml, id]] of Object.entries(SALVAGED)) {
		it(`reports ${id === undefined ? 'no TransactionID' : 'the TransactionID'} with the error for ${name}`, () => {
			expect(errorOf(xml).transactionId).to.equal(id);
		});
	}
});
