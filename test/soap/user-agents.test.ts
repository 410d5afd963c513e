import { expect } from 'chai';
import { rejectsMandatoryHeaders } from '../../lib/soap/user-agents.js';

/** User-Agents that these stacks send. */
const REJECTING = [
	'Axis/1.4',
	'Axis/1.2RC1',
	'Axis2',
	'Apache-HttpClient/4.5.13 (Axis2)',
	'JAX-WS RI 2.2.4-b01',
	'JAX-WS RI 2.2.9-b130926.1035 svn-revision#5f6196f2b90e9460065a4c2f4e30e065b245e51e',
	'JAX-WS RI 2.2-hudson-752-',
	'Metro/2.1 (branches/2.1-6728; 2011-02-03T14:14:58+0000) JAXWS-RI/2.2.3 JAXWS/2.2',
	'Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol 2.0.50727.1433)',
	'Mono Web Services Client Protocol 4.0.50524.0',
];
const ACCEPTING = [
	'Axis2C/1.7.0',
	'Praxis/1.0',
	'AxisCamera/2.1',
	'X-Axis2',
	'Axis2-Monitor/1.0',
	'Metro/2.4.0',
	'Metro',
	'Apache CXF 3.5.9',
	'Apache-HttpClient/4.5.13 (Java/1.8.0_181)',
	'PHP-SOAP/8.2.7',
	'Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1)',
	'Web Services Client',
	'',
	undefined,
];

describe('rejectsMandatoryHeaders', () => {
	for (const [expected, userAgents] of [
		[true, REJECTING],
		[false, ACCEPTING],
	] as const) {
		it(`is ${expected} for stacks that ${expected ? 'reject' : 'accept'} an unexpected mandatory header`, () => {
			for (const userAgent of userAgents) expect(rejectsMandatoryHeaders(userAgent), userAgent).to.equal(expected);
		});
	}
});
