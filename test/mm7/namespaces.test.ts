import { expect } from 'chai';
import { MM7_NAMESPACE_BASE, NEWEST_RELEASE } from '../../lib/mm7/namespaces.js';

describe('NEWEST_RELEASE', () => {
	it('is release 6 in its last version', () => {
		expect(NEWEST_RELEASE).to.deep.equal({ namespace: `${MM7_NAMESPACE_BASE}REL-6-MM7-1-4`, mm7Version: '6.8.0' });
	});
});
