/** Keeps lists open until it is terminated, and then prints how many bytes it received. */
import { Agent, get, type IncomingMessage } from 'node:http';

const [, , url = '', authorization = '', count] = process.argv;
const agent = new Agent({ keepAlive: true });
let received = 0;

function request(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		const options = { agent, headers: { Authorization: authorization, 'Accept-Encoding': 'gzip', ...headers } };
		get(url + path, options, resolve).on('error', reject);
	});
}

/** Behaves like `live.js` in a browser, but leaves out what happens there: it does not decompress the list. */
async function watchList(): Promise<void> {
	let hasNews = false;
	let isBusy = false;
	let tag = '';
	async function update(): Promise<void> {
		isBusy = true;
		while (hasNews) {
			hasNews = false;
			const response = await request('/', { 'If-None-Match': tag });
			for await (const chunk of response) received += chunk.length;
			tag = response.headers.etag ?? '';
		}
		isBusy = false;
	}
	for await (const event of await request('/events')) {
		received += event.length;
		hasNews = true;
		if (!isBusy) update().catch(() => {});
	}
}

for (let viewer = 0; viewer < Number(count); viewer++) void watchList();
process.on('SIGTERM', () => {
	console.log(received);
	process.exit();
});
