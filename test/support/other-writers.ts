import type { Mm7Answer } from '../../lib/provider/testing/parse-answer.js';
import { escapeXml } from '../../lib/xml/escape.js';

const SOAP = { '1.1': 'http://schemas.xmlsoap.org/soap/envelope/', '1.2': 'http://www.w3.org/2003/05/soap-envelope' };

/** Responses as other receivers write them: the same elements in the same namespaces, in other words. */
export const OTHER_WRITERS: Record<string, (response: Mm7Answer) => string> = {
	'all elements by prefix, indented': (response) => {
		const { soapVersion = '1.1', operation, transactionId, mustUnderstand, fault } = response;
		const [code, subcode] = fault?.code?.split('.') ?? [];
		const mandatory = mustUnderstand ? " SOAP-ENV:mustUnderstand='1'" : '';
		const body = `<m:${operation}>
      <m:MM7Version>${escapeXml(response.mm7Version ?? '')}</m:MM7Version>
      <m:Status>
        <m:StatusCode>
          ${response.statusCode}
        </m:StatusCode>
        <m:StatusText>${escapeXml(response.statusText ?? '')}</m:StatusText>
        ${response.details === undefined ? '' : `<m:Details>${escapeXml(response.details)}</m:Details>`}
      </m:Status>
    </m:${operation}>`;
		const detail = operation === undefined ? '' : body;
		const faults = {
			'1.1': `<faultcode> SOAP-ENV:${fault?.code} </faultcode>
      <faultstring xml:lang="en">${escapeXml(fault?.text ?? '')}</faultstring>
      ${detail && `<detail>${detail}</detail>`}`,
			'1.2': `<SOAP-ENV:Code>
        <SOAP-ENV:Value>SOAP-ENV:${code}</SOAP-ENV:Value>
        ${subcode ? `<SOAP-ENV:Subcode><SOAP-ENV:Value>m:${subcode}</SOAP-ENV:Value></SOAP-ENV:Subcode>` : ''}
      </SOAP-ENV:Code>
      <SOAP-ENV:Reason><SOAP-ENV:Text xml:lang="en">${escapeXml(fault?.text ?? '')}</SOAP-ENV:Text></SOAP-ENV:Reason>
      ${detail && `<SOAP-ENV:Detail>${detail}</SOAP-ENV:Detail>`}`,
		};
		return `<?xml version='1.0' encoding='utf-8' standalone='yes'?>
<SOAP-ENV:Envelope
    xmlns:m="${escapeXml(response.namespace ?? 'urn:none')}"
    xmlns:h="${escapeXml(response.transactionIdNamespace ?? 'urn:none')}"
    xmlns:SOAP-ENV="${SOAP[soapVersion]}">
  <SOAP-ENV:Header>
    ${transactionId === undefined ? '' : `<h:TransactionID${mandatory}>${escapeXml(transactionId)}</h:TransactionID>`}
  </SOAP-ENV:Header>
  <SOAP-ENV:Body>
    ${fault ? `<SOAP-ENV:Fault>${faults[soapVersion]}</SOAP-ENV:Fault>` : body}
  </SOAP-ENV:Body>
</SOAP-ENV:Envelope>
`;
	},
	'SOAP as the default namespace, a Status in another order, comments, CDATA, and more than is needed': (response) => {
		const { soapVersion = '1.1', operation, transactionId, mustUnderstand, fault } = response;
		const soap = SOAP[soapVersion];
		const [code = ''] = fault?.code?.split('.') ?? [];
		const text = '<![CDATA[The TransactionID is right, & the rest is <not>: MustUnderstand, VersionMismatch]]>';
		const details = response.details === undefined ? '' : `<Details>${escapeXml(response.details)}</Details>`;
		const status = `<StatusText>${text}</StatusText>${details}<StatusCode>${response.statusCode}</StatusCode>`;
		const body =
			`<${operation} xmlns="${escapeXml(response.namespace ?? '')}"><!-- <MM7Version/> -->` +
			`<MM7Version>${escapeXml(response.mm7Version ?? '')}</MM7Version><Status>${status}</Status>` +
			`<Extension><x:of xmlns:x="urn:ours">a vendor</x:of></Extension></${operation}>`;
		const detail = operation === undefined ? '' : body;
		const more = /^(Client|Server)$/.test(fault?.code ?? '') ? '.Parsing' : '';
		const faults = {
			'1.1':
				`<faultcode xmlns="" xmlns:fault="${soap}">fault:${fault?.code}${more}</faultcode>` +
				`<faultstring xmlns="">${text}</faultstring><faultactor xmlns="">urn:receiver</faultactor>` +
				(detail && `<detail xmlns="">${detail}</detail>`),
			'1.2':
				`<Code><Value xmlns:fault="${soap}">fault:${code}</Value></Code><Reason>` +
				`<Text xml:lang="de">falsch</Text><Text xml:lang="en">${text}</Text></Reason><Role>urn:receiver</Role>` +
				(detail && `<Detail>${detail}</Detail>`),
		};
		const namespace = escapeXml(response.transactionIdNamespace ?? '');
		const mandatory = mustUnderstand ? ` s:mustUnderstand="true" xmlns:s="${soap}"` : '';
		const header =
			transactionId === undefined
				? ''
				: '<Header><x:trace xmlns:x="urn:trace">7</x:trace>' +
					`<TransactionID${mandatory} xmlns="${namespace}">${escapeXml(transactionId)}</TransactionID></Header>`;
		return `<Envelope xmlns="${soap}">${header}<Body>${fault ? `<Fault>${faults[soapVersion]}</Fault>` : body}</Body></Envelope>`;
	},
};
