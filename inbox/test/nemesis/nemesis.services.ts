import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { freePort } from '../../../test/support/free-port.js';
import { type Cluster, makeCluster } from '../../../test/support/postgres-cluster.js';
import { openDatabase } from '../../lib/store/open-database.js';
import { type InboxProcess, startInbox } from '../support/inbox-process.js';
import { type Audit, audit } from './audit.js';
import { stopDisk } from './hanging-disk.js';
import { Provider } from './provider.js';
import { mountSmallDisk, type SmallDisk } from './small-disk.js';
import { startProxy, type TcpProxy } from './tcp-proxy.js';

/** Reports acknowledged between two faults. */
const REPORTS_BETWEEN = 100;
/** Time until reports are acknowledged again, once that is possible. */
const MAX_RECOVERY_MS = 15_000;

describe('an inbox under load, with faults', function () {
	this.timeout(150_000);

	describe('on SQLite', () => {
		let disk: SmallDisk | undefined;
		let folder: string;
		let victim: Victim;

		before(async () => {
			// refused requests may take 64 MB
			disk = mountSmallDisk(128);
			folder = disk?.folder ?? (await mkdtemp(path.join(tmpdir(), 'inbox-nemesis-')));
			victim = await Victim.start({ DATA_DIR: folder });
		});
		after(async () => {
			await victim?.remove();
			disk?.remove();
			if (!disk) await rm(folder, { recursive: true });
		});

		faultsOfInboxes(() => victim);

		it('survives a full disk, and can be stopped while the disk is full', async function () {
			if (!disk) return this.skip();
			await victim.fill(disk);
			disk.free();
			await victim.recovers();
			await victim.fill(disk);
			expect(await victim.end('SIGTERM')).to.equal(0);
			disk.free();
			await victim.restart();
		});

		it('survives a hanging disk, and kills itself if stopped while the disk hangs', async () => {
			let goOn = await stopDisk(victim.pid, 22);
			await victim.provider.refused();
			expect(await victim.health()).to.equal(503);
			await goOn();
			await victim.recovers();
			goOn = await stopDisk(victim.pid, 22);
			await victim.provider.refused();
			expect(await victim.end('SIGTERM'), 'exit code').to.equal(null);
			await victim.restart();
			await goOn();
		});

		nothingIsLost(() => victim);
	});

	describe('on PostgreSQL', () => {
		let disk: SmallDisk | undefined;
		let primary: Cluster;
		let standby: Cluster | undefined;
		let proxy: TcpProxy;
		let victim: Victim;

		before(async () => {
			disk = mountSmallDisk(160, 'postgres');
			// uses small files, and delays writes that are not flushed
			primary = await makeCluster({
				...(disk && { parent: disk.folder }),
				arguments: ['--wal-segsize=1'],
				settings: { wal_writer_delay: '10s', min_wal_size: '2MB', max_wal_size: '16MB' },
			});
			await primary.start();
			proxy = await startProxy(primary.port);
			const url = new URL(await primary.createDatabase('inbox'));
			url.port = String(proxy.port);
			victim = await Victim.start({ DATABASE_URL: url.href });
		});
		after(async () => {
			await victim?.remove();
			await proxy?.close();
			await standby?.remove();
			await primary?.remove();
			disk?.remove();
		});

		faultsOfInboxes(() => victim);

		it('survives crashes of a server with synchronous_commit off', async () => {
			await primary.psql('ALTER DATABASE inbox SET synchronous_commit = off');
			await primary.psql('ALTER ROLE inbox SET synchronous_commit = off');
			for (let stop = 1; stop <= 3; stop++) {
				await primary.stop('immediate');
				await primary.start();
				await victim.recovers();
			}
		});

		it('survives the silent loss of its connections', async () => {
			proxy.forget();
			await victim.recovers();
		});

		it('survives a hanging server', async () => {
			await primary.signal('STOP');
			await victim.provider.refused();
			expect(await victim.health()).to.equal(503);
			await primary.signal('CONT');
			await victim.recovers();
		});

		it("survives a full disk on the server, and can be stopped while the server's disk is full", async function () {
			if (!disk) return this.skip();
			await victim.fill(disk);
			disk.free();
			// the server exits after some errors
			if (!(await primary.isRunning())) await primary.start();
			await victim.recovers();
			await victim.fill(disk);
			expect(await victim.end('SIGTERM')).to.equal(0);
			disk.free();
			if (!(await primary.isRunning())) await primary.start();
			await victim.restart();
		});

		it('survives a failover, without opening a connection per failure', async () => {
			standby = await primary.makeStandby();
			await standby.start();
			await primary.psql(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
			await primary.psql('SELECT pg_reload_conf()');
			await victim.recovers();
			const page = await victim.openPage();
			await primary.stop('immediate');
			proxy.target = standby.port;
			for (let refusals = 1; refusals <= 50; refusals++) await victim.provider.refused();
			const sessions = `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'mm7-inbox'`;
			expect(Number(await standby.psql(sessions))).to.be.within(1, 6);
			await standby.promote();
			await victim.recovers();
			page.abort();
		});

		nothingIsLost(() => victim);
	});
});

/** Faults that do not depend on the database. */
function faultsOfInboxes(victim: () => Victim): void {
	it('survives being killed', async () => {
		for (let kill = 1; kill <= 3; kill++) {
			expect(await victim().end('SIGKILL')).to.equal(null);
			await victim().restart();
		}
	});

	it('is not delayed by refused requests', async () => {
		const { provider } = victim();
		provider.latencies = [];
		await provider.acknowledged(3 * REPORTS_BETWEEN);
		const quiet = median(provider.latencies);
		const junk = victim().sendJunk();
		await provider.acknowledged(REPORTS_BETWEEN);
		provider.latencies = [];
		await provider.acknowledged(2 * REPORTS_BETWEEN);
		const loud = median(provider.latencies);
		junk.abort();
		console.log(`      median ${Math.round(quiet)} ms, and ${Math.round(loud)} ms among junk`);
		expect(loud / quiet).to.be.below(25);
	});
}

function nothingIsLost(victim: () => Victim): void {
	it('has neither lost nor duplicated a report, and no state has regressed', async () => {
		const { ledger, found } = await victim().audit();
		console.log(`      ${ledger} acknowledged`);
		expect(found).to.deep.equal({ lost: 0, storedTwice: 0, regressed: 0, miscounted: 0 });
	});
}

/** An inbox that receives reports continuously. */
class Victim {
	readonly provider: Provider;
	readonly #env: Readonly<Record<string, string>>;
	#inbox: InboxProcess;
	/** The process that was ended on purpose. */
	#ended: InboxProcess['child'] | undefined;

	static async start(database: Record<string, string>): Promise<Victim> {
		const env = { ...database, PORT: String(await freePort()), PAGE_USER: 'ops', PAGE_PASSWORD: 'secret' };
		return new Victim(env, await startInbox(env));
	}

	private constructor(env: Readonly<Record<string, string>>, inbox: InboxProcess) {
		this.#env = env;
		this.#inbox = inbox;
		this.#watch();
		this.provider = new Provider([inbox.url]);
	}

	get pid(): number {
		return this.#inbox.child.pid ?? 0;
	}

	/** Fails the test if the process exits unexpectedly; otherwise everything else would wait in vain. */
	#watch(): void {
		const { child } = this.#inbox;
		const errors: Buffer[] = [];
		child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
		child.once('close', (code) => {
			if (this.#ended !== child) throw new Error(`the inbox exited with ${code}: ${Buffer.concat(errors)}`);
		});
	}

	/** Ends the process; returns the exit code, which is null after SIGKILL. */
	end(signal: NodeJS.Signals): Promise<number | null> {
		this.#ended = this.#inbox.child;
		return this.#inbox.end(signal);
	}

	/** Starts the process again and waits until it has recovered. */
	async restart(): Promise<void> {
		const recovered = this.recovers();
		this.#inbox = await startInbox(this.#env);
		this.#watch();
		await recovered;
	}

	/** Waits until reports are acknowledged and the health check succeeds again. */
	async recovers(): Promise<void> {
		const took = await this.provider.nextAcknowledgement();
		console.log(`      acknowledges again after ${Math.round(took)} ms`);
		expect(took).to.be.below(MAX_RECOVERY_MS);
		await this.provider.acknowledged(REPORTS_BETWEEN);
		expect(await this.health()).to.equal(200);
	}

	/** Fills a disk until reports are refused and the health check fails. */
	async fill(disk: SmallDisk): Promise<void> {
		disk.fill(2_000_000);
		// the databases would compress other text
		this.provider.statusText = randomBytes(150_000).toString('base64');
		await this.provider.refused();
		while ((await this.health()) !== 503);
		this.provider.statusText = 'Success';
	}

	async health(): Promise<number> {
		return (await fetch(`${this.#inbox.url}/healthz`)).status;
	}

	/** Keeps a page open until aborted. */
	async openPage(): Promise<AbortController> {
		const page = new AbortController();
		const headers = { Authorization: `Basic ${Buffer.from('ops:secret').toString('base64')}` };
		const response = await fetch(`${this.#inbox.url}/events`, { headers, signal: page.signal });
		expect(response.status).to.equal(200);
		return page;
	}

	/** Floods the inbox with refused requests until aborted. */
	sendJunk(): AbortController {
		const junk = new AbortController();
		const body = Buffer.alloc(64 * 1024, '<junk/>');
		const send = async () => {
			while (!junk.signal.aborted) {
				const response = await fetch(`${this.#inbox.url}/mm7`, { method: 'POST', body, signal: junk.signal });
				await response.arrayBuffer();
			}
		};
		for (let client = 1; client <= 16; client++) send().catch(() => {});
		return junk;
	}

	/** Stops the provider and compares its ledger with the database. */
	async audit(): Promise<{ ledger: number; found: Audit }> {
		await this.provider.stop();
		expect(await this.end('SIGTERM')).to.equal(0);
		const { ledger } = this.provider;
		const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir = '' } = this.#env;
		const database = await openDatabase({ databaseUrl, dataDir });
		try {
			return { ledger: ledger.length, found: await audit(database, ledger) };
		} finally {
			await database.close();
		}
	}

	async remove(): Promise<void> {
		await this.end('SIGKILL');
		this.provider.abandon();
	}
}

function median(values: readonly number[]): number {
	return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
