import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { deliveryReportRequest } from '../../lib/provider/testing/index.js';
import { freePort } from '../support/free-port.js';
import { ROOT } from '../support/markdown.js';
import { type Cluster, makeCluster } from '../support/postgres-cluster.js';
import { sendByHttp } from '../support/provider.js';
import {
	EXTRA_PACKAGES,
	FOLDER,
	needsExtraPackages,
	RunningSample,
	samples,
	typeErrors,
	writeSamples,
} from '../support/samples.js';

const TRANSACTION_ID = '20260099';
const request = deliveryReportRequest({ transactionId: TRANSACTION_ID }, { form: 'multipart' });

interface Span {
	readonly traceId: string;
	readonly spanId: string;
	readonly parentSpanId?: string;
	readonly name: string;
	readonly attributes: readonly object[];
}

/** Keeps exported spans in memory. */
class Collector {
	readonly #spans: Span[] = [];
	readonly #server: Server = createServer(async (req, res) => {
		const { resourceSpans } = JSON.parse(await text(req)) as Exported;
		this.#spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)));
		res.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
		this.#server.emit('spans');
	});

	async listen(): Promise<string> {
		this.#server.listen(0, '127.0.0.1');
		await once(this.#server, 'listening');
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** Waits for a span. */
	async span(isMeant: (span: Span) => boolean): Promise<Span> {
		while (true) {
			const found = this.#spans.find(isMeant);
			if (found) return found;
			await once(this.#server, 'spans');
		}
	}

	close(): void {
		this.#server.closeAllConnections();
		this.#server.close();
	}
}

interface Exported {
	readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly Span[] }[] }[];
}

describe('the samples of other servers, and of traces', () => {
	const all = samples().filter(needsExtraPackages);
	const tracing = all.filter(({ code }) => code.includes('@opentelemetry/'));
	const servers = all.filter((sample) => !tracing.includes(sample));

	before(async () => {
		await writeSamples(all);
		copyFileSync(EXTRA_PACKAGES, path.join(FOLDER, 'package.json'));
		execFileSync(
			'npm',
			['install', '--loglevel=error', '--no-audit', '--no-fund', '--no-package-lock', '--prefer-offline'],
			{
				cwd: FOLDER,
			},
		);
	});

	it('compile', () => {
		expect(servers).to.have.length(3);
		expect(tracing).to.have.length(1);
		expect(typeErrors()).to.deep.equal([]);
	});

	for (const sample of servers) {
		it(`${sample.name} accepts a report`, async () => {
			const running = new RunningSample(sample, {});
			try {
				const { server } = await running.ready();
				const verdict = await sendByHttp(`http://127.0.0.1:${server?.port}/mm7`, request, TRANSACTION_ID);
				expect(verdict).to.deep.equal({ verdict: 'accepted', reason: undefined });
				expect(await running.saved()).to.equal(1);
			} finally {
				await running.stop();
			}
		});
	}

	describe('with OpenTelemetry', () => {
		const collector = new Collector();
		let cluster: Cluster;
		let app: ChildProcess | undefined;

		before(async () => {
			cluster = await makeCluster({ settings: { fsync: 'off' } });
			await cluster.start();
		});
		after(async () => {
			app?.kill('SIGKILL');
			collector.close();
			await cluster?.remove();
		});

		it('shows a request, its report and the query of its handler as one trace', async () => {
			const port = await freePort();
			const env = {
				...process.env,
				PORT: String(port),
				DATABASE_URL: await cluster.createDatabase('traces'),
				OTEL_EXPORTER_OTLP_ENDPOINT: await collector.listen(),
				OTEL_BSP_SCHEDULE_DELAY: '100',
			};
			const files = [path.join(FOLDER, tracing[0]?.file ?? ''), path.join(ROOT, 'examples/database/start.ts')] as const;
			app = spawn(process.execPath, ['--import', 'tsx', '--import', ...files], {
				env,
				stdio: ['ignore', 'pipe', 'inherit'],
			});
			await once(app.stdout as NodeJS.ReadableStream, 'data');
			await sendByHttp(`http://127.0.0.1:${port}/mm7`, request, TRANSACTION_ID);

			const query = await collector.span(({ name }) => name.startsWith('pg.query:INSERT'));
			const handler = await collector.span(({ spanId }) => spanId === query.parentSpanId);
			const exchange = await collector.span(({ spanId }) => spanId === handler.parentSpanId);
			const http = await collector.span(({ spanId }) => spanId === exchange.parentSpanId);
			expect([http, exchange, handler].map(({ name }) => name)).to.deep.equal([
				'POST',
				'mm7-delivery-reports:exchange',
				'mm7-delivery-reports:handler',
			]);
			expect(new Set([http, exchange, handler, query].map(({ traceId }) => traceId)).size).to.equal(1);
			expect(handler.attributes).to.deep.include({
				key: 'mm7.message_id',
				value: { stringValue: '480000000000000001' },
			});
		});
	});
});
