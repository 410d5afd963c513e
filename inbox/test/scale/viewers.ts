/** Keeps lists open until it is killed. Each one is fetched again after an event, at most once a second. */
import { setTimeout as delay } from 'node:timers/promises';

const [, , url = '', authorization = '', count] = process.argv;
const headers = { Authorization: authorization };

/** Behaves like a browser with an open list. */
async function watchList(): Promise<void> {
	const events = await fetch(`${url}/events`, { headers });
	let hasNews = false;
	let isBusy = false;
	async function update(): Promise<void> {
		isBusy = true;
		while (hasNews) {
			hasNews = false;
			await (await fetch(url, { headers })).arrayBuffer();
			await delay(1_000);
		}
		isBusy = false;
	}
	for await (const _event of events.body ?? []) {
		hasNews = true;
		if (!isBusy) update().catch(() => {});
	}
}

for (let viewer = 0; viewer < Number(count); viewer++) void watchList();
