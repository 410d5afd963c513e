import { tracingChannel } from 'node:diagnostics_channel';
import { once } from 'node:events';
import http, { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import request from 'supertest';
import { Mm7Error } from '../lib/errors.js';
import { EXCHANGE_CHANNEL, type Handler, Mm7Rejection, type Options } from '../lib/index.js';
import { deliveryReportRequest } from '../lib/provider/testing/index.js';
import { warner } from '../lib/warnings.js';
import { itOnUnix } from './support/on-unix.js';
import { reportXml } from './support/report.js';
import { app } from './support/server.js';

type Warning = Error & { readonly code?: string; readonly detail?: string };

/** The process's warnings while `act` runs; a marker follows those emitted before it. */
async function warningsOf(act: () => Promise<unknown>): Promise<Warning[]> {
	const warnings: Warning[] = [];
	const collect = (warning: Warning) => void (warning.name === 'Mm7Warning' && warnings.push(warning));
	process.on('warning', collect);
	try {
		await act();
		await new Promise(setImmediate);
		const marked = once(process, 'warning');
		process.emitWarning('the end', 'Marker');
		await marked;
		return warnings;
	} finally {
		process.off('warning', collect);
	}
}

const fails: Handler = () => {
	throw new Error('the database is down');
};
const send = (application: ReturnType<typeof app>, xml = reportXml()) =>
	request(application).post('/mm7').type('xml').send(xml);

describe('warnings', () => {
	it('report a failing handler with code, message and cause if nothing is listening', async () => {
		const [warning, ...others] = await warningsOf(() => send(app(fails)).expect(500));
		expect(others).to.deep.equal([]);
		expect(warning).to.include({ name: 'Mm7Warning', code: 'ERR_MM7_HANDLER_FAILED' });
		expect(warning?.message).to.equal(
			'The handler threw: the database is down (docs/errors.md#err_mm7_handler_failed)',
		);
		expect(warning?.detail).to.include('Error: the database is down').and.to.include('warnings.test.ts');
	});

	const store = { get: fails as never, set: fails as never };
	const OTHERS: readonly [code: string, options: Options, handler?: Handler | undefined, xml?: string][] = [
		['ERR_MM7_HANDLER_TIMEOUT', { handlerTimeout: 5 }, () => new Promise(() => undefined)],
		['ERR_MM7_UNAUTHORIZED', { authenticate: () => false }],
		['ERR_MM7_FORBIDDEN', { allowFrom: '192.0.2.1' }],
		['ERR_MM7_STORE_FAILED', { deduplicate: { store } }],
		['ERR_MM7_XML', {}, undefined, '<'],
	];
	for (const [code, options, handler, xml] of OTHERS) {
		it(`report ${code}`, async () => {
			const warnings = await warningsOf(async () => send(app(handler, options), xml));
			expect(warnings.map((warning) => warning.code)).to.deep.equal([code]);
		});
	}

	it('report a handler that responds on its own', async () => {
		const handler: Handler = (_report, req) => void req.res?.send('OK');
		const [warning] = await warningsOf(() => send(app(handler)).expect(200, 'OK'));
		expect(warning).to.include({ code: 'ERR_MM7_ALREADY_ANSWERED' });
		expect(warning?.message).to.include('HTTP 200 by the handler');
	});

	it('do not report decisions of the application', async () => {
		const refuse: Handler = () => {
			throw new Mm7Rejection(2005);
		};
		expect(await warningsOf(() => send(app(refuse)).expect(200))).to.deep.equal([]);
	});

	it('leave errors to onExchange and to subscribers of the channel', async () => {
		expect(await warningsOf(() => send(app(fails, { onExchange: () => undefined })).expect(500))).to.deep.equal([]);
		const { asyncEnd } = tracingChannel(EXCHANGE_CHANNEL);
		const subscriber = () => undefined;
		asyncEnd.subscribe(subscriber);
		try {
			expect(await warningsOf(() => send(app(fails)).expect(500))).to.deep.equal([]);
		} finally {
			asyncEnd.unsubscribe(subscriber);
		}
	});

	it('are emitted once a minute per code, with the number of suppressed ones', async () => {
		let now = 0;
		const warn = warner(() => now);
		const warnings = await warningsOf(async () => {
			for (let count = 0; count < 1000; count++) warn(new Mm7Error('ERR_MM7_XML'));
			warn(new Mm7Error('ERR_MM7_DOCTYPE'));
			now = 59_999;
			warn(new Mm7Error('ERR_MM7_XML'));
			now = 60_000;
			warn(new Mm7Error('ERR_MM7_XML'));
		});
		expect(warnings.map(({ code }) => code)).to.deep.equal(['ERR_MM7_XML', 'ERR_MM7_DOCTYPE', 'ERR_MM7_XML']);
		expect(warnings[2]?.message).to.match(/ \(1000 more since the last warning\)$/);
	});

	describe('of allowFrom: undefined', () => {
		/** The warnings of an app that listens at an address while it handles two reports. */
		async function warningsAt(listenAt: { host?: string; path?: string }, options: Options): Promise<Warning[]> {
			const server = createServer(app(undefined, options)).listen(listenAt.path ? listenAt : { port: 0, ...listenAt });
			await once(server, 'listening');
			const address = server.address();
			const at = typeof address === 'string' ? { socketPath: address } : { host: 'localhost', port: address?.port };
			const { body, headers } = deliveryReportRequest();
			const post = async () => {
				const [response] = await once(
					http.request({ ...at, method: 'POST', path: '/mm7', headers }).end(body),
					'response',
				);
				response.resume();
				await once(response, 'end');
			};
			const warnings = await warningsOf(async () => {
				await post();
				await post();
			});
			server.close();
			server.closeAllConnections();
			return warnings;
		}

		for (const host of ['0.0.0.0', '::']) {
			it(`are emitted once if the server listens on ${host}, even for a request from this machine`, async () => {
				const [warning, ...others] = await warningsAt({ host }, { allowFrom: undefined });
				expect(others).to.deep.equal([]);
				expect(warning).to.include({ name: 'Mm7Warning', code: 'ERR_MM7_ALLOW_FROM_UNSET' });
				expect(warning?.message).to.match(/allowFrom is undefined.* on .*docs\/errors\.md#err_mm7_allow_from_unset/);
			});
		}

		it('are not emitted if the server listens on loopback, as behind a proxy', async () => {
			expect(await warningsAt({ host: '127.0.0.1' }, { allowFrom: undefined })).to.deep.equal([]);
		});

		itOnUnix('are not emitted if the server listens on a Unix socket', async () => {
			const path = join(tmpdir(), `mm7-receiver-${process.pid}.sock`);
			expect(await warningsAt({ path }, { allowFrom: undefined })).to.deep.equal([]);
		});

		it('are not emitted if the option is absent or set', async () => {
			for (const options of [{}, { allowFrom: ['127.0.0.1', '::1'] }]) {
				expect(await warningsAt({ host: '0.0.0.0' }, options)).to.deep.equal([]);
			}
		});
	});
});
