import { expect } from 'chai';
import { type Address, readAddresses } from '../../lib/mm7/address.js';
import { parseXml } from '../../lib/xml/parse.js';

function readAll(content: string): Address[] {
	const xml = `<Recipient xmlns:mm7="urn:mm7">${content}</Recipient>`;
	return readAddresses(parseXml(xml, { elements: 50, depth: 10, attributes: 10 }));
}

function read(content: string): Address | undefined {
	const [address, ...others] = readAll(content);
	expect(others).to.deep.equal([]);
	return address;
}

const NUMBER = { kind: 'Number', address: '12015550123', number: '12015550123' } as const;

describe('readAddress', () => {
	it('reads Number, ShortCode and RFC2822Address, with any prefix, in any case', () => {
		expect(read('<Number>12015550123</Number>')).to.deep.equal(NUMBER);
		expect(read('<mm7:number> 12015550123 </mm7:number>')).to.deep.equal(NUMBER);
		expect(read('<ShortCode>007</ShortCode>')).to.deep.equal({ kind: 'ShortCode', address: '007', number: '007' });
		expect(read('<RFC2822Address>joe@example.net</RFC2822Address>')).to.deep.equal({
			kind: 'RFC2822Address',
			address: 'joe@example.net',
		});
	});

	it('reads RFC822Address as RFC2822Address', () => {
		expect(read('<RFC822Address>joe@example.net</RFC822Address>')?.kind).to.equal('RFC2822Address');
	});

	it('reads an address inside To, Cc or Bcc', () => {
		for (const name of ['To', 'Cc', 'Bcc']) {
			expect(read(`<${name}><Number>12015550123</Number></${name}>`), name).to.deep.equal(NUMBER);
		}
	});

	it('reads an address in a list of SOAP encoding', () => {
		expect(read('<item><Number>12015550123</Number></item>')).to.deep.equal(NUMBER);
	});

	it('reads a bare text, and a text under a name of its own', () => {
		const expected = { kind: 'Text', address: '+12015550123', number: '+12015550123' };
		expect(read('+12015550123')).to.deep.equal(expected);
		expect(read('<To>+12015550123</To>')).to.deep.equal(expected);
		expect(read('<Msisdn>+12015550123</Msisdn>')).to.deep.equal(expected);
	});

	it('reads all of several, but for empty ones', () => {
		const addresses = readAll('<To><ShortCode/><Number>12015550123</Number></To><To>2</To>');
		expect(addresses.map(({ kind, address }) => [kind, address])).to.deep.equal([
			['Number', '12015550123'],
			['Text', '2'],
		]);
	});

	it('prefers the address to a look-alike deeper down', () => {
		expect(read('<Extension><Number>1</Number></Extension><Number>12015550123</Number>')).to.deep.equal(NUMBER);
	});

	it('cuts off /TYPE=PLMN and the host', () => {
		expect(read('<Number>+12015550123/TYPE=PLMN</Number>')?.number).to.equal('+12015550123');
		expect(read('<ShortCode>4455/type=plmn</ShortCode>')?.number).to.equal('4455');
		expect(read('<RFC2822Address>+12015550123/TYPE=PLMN@mms.example</RFC2822Address>')).to.deep.equal({
			kind: 'RFC2822Address',
			address: '+12015550123/TYPE=PLMN@mms.example',
			number: '+12015550123',
		});
	});

	it('sees the number in a mailbox with a name, and behind tel:', () => {
		const mailbox = '<RFC2822Address>"Joe" &lt;+12015550123/TYPE=PLMN@mms.example&gt;</RFC2822Address>';
		expect(read(mailbox)?.number).to.equal('+12015550123');
		expect(read(mailbox)?.address).to.equal('"Joe" <+12015550123/TYPE=PLMN@mms.example>');
		expect(read('tel:+12015550123')?.number).to.equal('+12015550123');
		expect(read('<Number>tel:12015550123</Number>')?.number).to.equal('12015550123');
	});

	it('sees no number in an e-mail address, an IP address, an encrypted address or a very long one', () => {
		for (const content of [
			'<RFC2822Address>joe.12@example.net</RFC2822Address>',
			'<RFC2822Address>192.0.2.1/TYPE=IPv4@mms.example</RFC2822Address>',
			'<Number>192.0.2.1/TYPE=IPv4</Number>',
			'<Number addressCoding="encrypted">kJh34=</Number>',
			`<Number>${'1'.repeat(65)}</Number>`,
			'<RFC2822Address>@example.net</RFC2822Address>',
		]) {
			expect(read(content), content).to.not.have.property('number');
		}
	});

	it('reads displayOnly, addressCoding and id, qualified or not', () => {
		const attributes = { displayOnly: true, addressCoding: 'obfuscated', id: 'a1' };
		expect(read('<Number displayOnly="true" addressCoding="obfuscated" id="a1">12015550123</Number>')).to.deep.equal({
			...NUMBER,
			...attributes,
		});
		expect(
			read('<Number mm7:displayOnly="1" mm7:addressCoding="obfuscated" mm7:id="a1">12015550123</Number>'),
		).to.deep.equal({ ...NUMBER, ...attributes });
		expect(read('<Number displayOnly="false" addressCoding="" id=" ">12015550123</Number>')).to.deep.equal({
			...NUMBER,
			displayOnly: false,
		});
	});

	it('takes no namespace declaration for an attribute', () => {
		expect(read('<Number xmlns:id="urn:x" xmlns:displayOnly="urn:y">12015550123</Number>')).to.deep.equal(NUMBER);
	});

	it('finds no address in an element that holds none, or in no element', () => {
		expect(read('')).to.equal(undefined);
		expect(read('<Number/>')).to.equal(undefined);
		expect(read('<To><Number> </Number></To>')).to.equal(undefined);
		expect(readAddresses(undefined)).to.deep.equal([]);
	});
});
