import { expect } from 'chai';
import { sharePages } from '../../lib/page/shared-pages.js';

describe('sharePages', () => {
	let rendered: number;
	let lastRead: number;
	let open: number;
	let share: ReturnType<typeof sharePages>;
	beforeEach(() => {
		[rendered, lastRead, open] = [0, 0, 2];
		share = sharePages({ lastRead: () => lastRead, viewers: () => open });
	});
	const get = (url: string) => share(url, async () => `${url} ${++rendered}`);

	it('renders a page once for all requests after an event', async () => {
		expect(await Promise.all([get('/'), get('/'), get('/?q=1')])).to.deep.equal(['/ 1', '/ 1', '/?q=1 2']);
		expect(await get('/')).to.equal('/ 1');
	});

	it('renders the page again after the next event', async () => {
		await get('/');
		lastRead = performance.now();
		expect(await get('/')).to.equal('/ 2');
	});

	it('does not share pages while none is open, and never shares failures', async () => {
		await share('/', () => Promise.reject(new Error('away'))).catch(() => {});
		expect(await get('/')).to.equal('/ 1');
		open = 0;
		expect(await get('/')).to.equal('/ 2');
	});
});
