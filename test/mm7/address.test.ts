import { expect } from 'chai';
import { type Address, readAddresses, sameAddress } from '../../lib/mm7/address.js';
import { parseXml } from '../../lib/xml/parse.js';

function readAll(content: string): Address[] {
	const xml = `<Recipient xmlns:mm7="urn:mm7" xmlns:trk="urn:tracking">${content}</Recipient>`;
	return readAddresses(parseXml(xml, { elements: 50, depth: 10, attributes: 10 }));
}

function read(content: string): Address | undefined {
	const [address, ...others] = readAll(content);
	expect(others).to.deep.equal([]);
	return address;
}

const NUMBER = { kind: 'Number', address: '12015550123', number: '12015550123' } as const;

describe('readAddresses', () => {
	it('reads the elements of the schema, with any prefix, in any case', () => {
		expect(read('<Number>12015550123</Number>')).to.deep.equal(NUMBER);
		expect(read('<mm7:number> 12015550123 </mm7:number>')).to.deep.equal(NUMBER);
		expect(read('<ShortCode>007</ShortCode>')).to.deep.equal({ kind: 'ShortCode', address: '007', number: '007' });
		const mail = { kind: 'RFC2822Address', address: 'joe@example.net' };
		expect(read('<RFC2822Address>joe@example.net</RFC2822Address>')).to.deep.equal(mail);
		expect(read('<RFC822Address>joe@example.net</RFC822Address>')).to.deep.equal(mail);
	});

	it('reads an address inside To, Cc, Bcc, Recipient or an item of a SOAP-encoded list', () => {
		for (const name of ['To', 'Cc', 'Bcc', 'Recipient', 'item']) {
			expect(read(`<${name}><Number>12015550123</Number></${name}>`), name).to.deep.equal(NUMBER);
		}
	});

	it('reads bare text, and text inside an unknown element', () => {
		const expected = { kind: 'Text', address: '+12015550123', number: '+12015550123' };
		for (const content of ['', '<To>', '<Msisdn>', '<Empty/><Msisdn>', '<Msisdn/><Msisdn>']) {
			const close = content.replace(/^.*<(\w+)>$/, '</$1>');
			expect(read(`${content}+12015550123${close}`), content).to.deep.equal(expected);
		}
	});

	it('reads every address, except empty ones', () => {
		const addresses = readAll('<To><ShortCode/><Number>12015550123</Number></To><To>2</To>');
		expect(addresses.map(({ kind, address }) => [kind, address])).to.deep.equal([
			['Number', '12015550123'],
			['Text', '2'],
		]);
		expect(readAll('<Msisdn>1</Msisdn><Msisdn/><Msisdn>2</Msisdn>').map(({ address }) => address)).to.deep.equal([
			'1',
			'2',
		]);
	});

	it('prefers an address to one that is nested deeper or in a foreign namespace', () => {
		expect(read('<Extension><Number>1</Number></Extension><Number>12015550123</Number>')).to.deep.equal(NUMBER);
		expect(read('<trk:Number>1</trk:Number><Number>12015550123</Number>')).to.deep.equal(NUMBER);
	});

	const NUMBERS: readonly (readonly [sent: string, number: string | undefined])[] = [
		['<Number>+12015550123/TYPE=PLMN</Number>', '+12015550123'],
		['<Number>tel:12015550123</Number>', '12015550123'],
		['<Number>TEL: +1 (201) 555-0123 </Number>', '+1 (201) 555-0123'],
		['<Number>*100#</Number>', '*100#'],
		['<Number>hotel:12</Number>', 'hotel:12'],
		['<Number>1201/TYPE=VOIP</Number>', '1201'],
		[`<Number>${'1'.repeat(64)}</Number>`, '1'.repeat(64)],
		[`<Number>${'1'.repeat(65)}</Number>`, undefined],
		['<Number>192.0.2.1/TYPE=IPv4</Number>', undefined],
		['<Number addressCoding="obfuscated">12015550123</Number>', '12015550123'],
		['<Number addressCoding="encrypted">kJh34=</Number>', undefined],
		['<ShortCode>4455/type=plmn</ShortCode>', '4455'],
		['<ShortCode>SINCH</ShortCode>', 'SINCH'],
		['<RFC2822Address>+12015550123/TYPE=PLMN@mms.example</RFC2822Address>', '+12015550123'],
		['<RFC2822Address>+12015550123@mms.example/TYPE=IPv4</RFC2822Address>', '+12015550123'],
		['<RFC2822Address>"Joe &lt;1>" &lt;+12015550123/TYPE=PLMN@mms.example&gt;</RFC2822Address>', '+12015550123'],
		['<RFC2822Address>joe.12@example.net</RFC2822Address>', undefined],
		['<RFC2822Address>12joe@example.net</RFC2822Address>', undefined],
		['<RFC2822Address>192.0.2.1/type=ipv4@mms.example</RFC2822Address>', undefined],
		['<RFC2822Address>@example.net</RFC2822Address>', undefined],
		['<ShortCode>@example.net</ShortCode>', undefined],
		['tel:+12015550123', '+12015550123'],
		['7', '7'],
		['hotel:12', undefined],
	];
	for (const [sent, number] of NUMBERS) {
		it(`finds ${number === undefined ? 'no number' : 'the number'} in ${sent}`, () => {
			expect(read(sent)?.address).to.be.a('string');
			expect(read(sent)?.number).to.equal(number);
		});
	}

	it('reads displayOnly, addressCoding and id, qualified or not', () => {
		const attributes = { displayOnly: true, addressCoding: 'obfuscated', id: 'a1' };
		for (const sent of [
			'displayOnly="true" addressCoding="obfuscated" id="a1"',
			'mm7:displayOnly="1" mm7:addressCoding="obfuscated" mm7:id="a1"',
		]) {
			expect(read(`<Number ${sent}>12015550123</Number>`), sent).to.deep.equal({ ...NUMBER, ...attributes });
		}
		expect(read('<Number displayOnly="false" addressCoding="" id=" ">12015550123</Number>')).to.deep.equal({
			...NUMBER,
			displayOnly: false,
		});
	});

	it('finds no address if the element is empty or missing', () => {
		for (const content of ['', '<Number/>', '<To><Number> </Number></To>']) {
			expect(read(content), content).to.equal(undefined);
		}
		expect(readAddresses(undefined)).to.deep.equal([]);
	});
});

describe('sameAddress', () => {
	const same = (one: string, other: string) => sameAddress(read(one) as Address, read(other) as Address);

	it('compares the digits of numbers, and other addresses as text', () => {
		expect(same('<Number>+1 201-5550123</Number>', '12015550123')).to.equal(true);
		expect(same('<Number>12015550123</Number>', '<Number>12015550124</Number>')).to.equal(false);
		expect(same('joe@example.net', '<RFC2822Address>joe@example.net</RFC2822Address>')).to.equal(true);
		expect(same('joe@example.net', 'jim@example.net')).to.equal(false);
		expect(same('<ShortCode>ABC</ShortCode>', '<ShortCode>ABD</ShortCode>')).to.equal(false);
	});
});
