import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { freePort } from '../../../test/support/free-port.js';
import type { Database } from '../../lib/store/database.js';
import { reportXml, sendReport } from '../support/report-request.js';
import { type ServedInbox, serveInbox } from '../support/serve.js';
import { openTemporaryDatabase } from '../support/temporary-database.js';
import { complaintsOf, launchChromium } from './chromium.js';

const NGINX = '/usr/sbin/nginx';

describe('the page behind nginx, configured with proxy_pass only', () => {
	let browser: Browser;
	let database: Database;
	let inbox: ServedInbox;
	let folder: string;
	let nginx: ChildProcess;
	let url: string;

	before(async () => {
		if (!existsSync(NGINX)) throw new Error(`No ${NGINX}: install Debian's package "nginx"`);
		browser = await launchChromium();
		database = await openTemporaryDatabase();
		inbox = await serveInbox(database);
		folder = await mkdtemp(path.join(tmpdir(), 'inbox-nginx-'));
		const port = await freePort();
		url = `http://localhost:${port}`;
		await writeFile(path.join(folder, 'nginx.conf'), configuration(folder, port, inbox.url));
		nginx = spawn(NGINX, ['-p', folder, '-c', 'nginx.conf', '-e', 'stderr'], { stdio: ['ignore', 'ignore', 'pipe'] });
		// logged when nginx is ready
		await new Promise<void>((resolve) => {
			nginx.stderr?.on('data', (chunk: Buffer) => {
				if (chunk.includes('start worker process ')) resolve();
			});
		});
	});
	after(async () => {
		const ended = nginx && once(nginx, 'exit');
		nginx?.kill('SIGQUIT');
		inbox?.server.closeAllConnections();
		await browser?.close();
		await inbox?.close();
		await ended;
		await database?.close();
		await rm(folder, { recursive: true });
	});

	for (const place of ['/', '/inbox/']) {
		it(`is locked at ${place} without its link, opens with it, and is live`, async () => {
			expect((await fetch(url + place)).status).to.equal(401);
			const page = await browser.newPage({ timezoneId: 'UTC' });
			const complaints = complaintsOf(page);
			const { search } = new URL(inbox.pageUrl);
			await page.goto(url + place + search);
			await page.getByText(/^Live/).waitFor();
			expect(page.url()).to.equal(`${url}${place}?tz=UTC`);
			const messageId = `at${place.length}`;
			expect((await sendReport(url, reportXml({ messageId }))).statusCode).to.equal(1000);
			await page.getByRole('link', { name: messageId, exact: true }).click();
			await page.getByRole('heading', { name: messageId }).waitFor();
			await page.getByRole('link', { name: 'Statistics' }).click();
			await page.getByText('Messages by hour').waitFor();
			expect(page.url()).to.equal(`${url}${place}statistics?tz=UTC`);
			expect(complaints).to.deep.equal([]);
			await page.context().close();
		});
	}
});

function configuration(folder: string, port: number, inbox: string): string {
	return `
		daemon off;
		error_log stderr notice;
		pid ${folder}/nginx.pid;
		events {}
		http {
			access_log off;
			client_body_temp_path ${folder}/body;
			proxy_temp_path ${folder}/proxy;
			fastcgi_temp_path ${folder}/fastcgi;
			uwsgi_temp_path ${folder}/uwsgi;
			scgi_temp_path ${folder}/scgi;
			server {
				listen 127.0.0.1:${port};
				location / { proxy_pass ${inbox}; }
				location /inbox/ { proxy_pass ${inbox}/; }
			}
		}`;
}
