import { expect } from 'chai';
import { NEWEST_RELEASE } from '../../lib/mm7/namespaces.js';
import { announcedSoapVersion, SOAP_NAMESPACES, soapVersionOf } from '../../lib/soap/soap-version.js';

describe('soapVersionOf', () => {
	it('recognizes SOAP 1.1, including its early names, and SOAP 1.2', () => {
		expect(soapVersionOf(SOAP_NAMESPACES['1.1'])).to.equal('1.1');
		expect(soapVersionOf('http://schemas.xmlsoap.org/soap/envelope')).to.equal('1.1');
		expect(soapVersionOf('http://schemas.xmlsoap.org/soap/soap-envelope')).to.equal('1.1');
		expect(soapVersionOf('HTTP://schemas.xmlsoap.org/SOAP/envelope/')).to.equal('1.1');
		expect(soapVersionOf(SOAP_NAMESPACES['1.2'])).to.equal('1.2');
	});

	it('treats an envelope without namespace as SOAP 1.1', () => {
		expect(soapVersionOf(undefined)).to.equal('1.1');
	});

	it('recognizes no other version', () => {
		expect(soapVersionOf('http://www.w3.org/2001/06/soap-envelope')).to.equal(undefined);
		expect(soapVersionOf(NEWEST_RELEASE.namespace)).to.equal(undefined);
	});
});

describe('announcedSoapVersion', () => {
	for (const [version, contentTypes] of [
		[
			'1.2',
			[
				'application/soap+xml',
				'Application/SOAP+XML ;charset=utf-8',
				'multipart/related; type="application/soap+xml"; boundary=b',
				'multipart/related; type="application/soap+xml";',
				'multipart/related; boundary=b; type="application/xop+xml"; start-info="application/soap+xml"',
				'multipart/related; type="application/xop+xml"; start-info="application/soap+xml; action=\\"a\\""',
				'application/xop+xml; type="application/soap+xml"',
			],
		],
		[
			'1.1',
			[
				'text/xml; charset=utf-8',
				'text/xml; action="application/soap+xml"',
				'application/soap+xmlish',
				'multipart/related; type="text/xml"; boundary=b',
				undefined,
			],
		],
	] as const) {
		it(`is ${version} for the media types of SOAP ${version}`, () => {
			for (const contentType of contentTypes) expect(announcedSoapVersion(contentType), contentType).to.equal(version);
		});
	}
});
