/** `npm run bench:scale` measures how a large table slows down queries, and how queries slow down the receiver. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { makeCluster } from '../../../test/support/postgres-cluster.js';
import { makeLogger } from '../../lib/log.js';
import { wrongCounts } from '../../lib/store/counters.js';
import { type DatabasePlace, openDatabase } from '../../lib/store/open-database.js';
import { POSTGRES } from '../../lib/store/postgres/dialect.js';
import { RefusalRepository } from '../../lib/store/refusal-repository.js';
import { ReportRepository } from '../../lib/store/report-repository.js';
import { keepForDays } from '../../lib/store/retention.js';
import { openSqlite } from '../../lib/store/sqlite/sqlite.js';
import { startInbox } from '../support/inbox-process.js';
import { fill, fillCounters, makeReports, type Sample } from './fill.js';
import { type Achieved, sendReports, storeReports } from './load.js';
import { MAX_MIGRATION_BYTES, migrateTwice } from './migrate.js';
import { askAll, askFullCounters, STATISTICS_LIMIT_MS } from './questions.js';

const USAGE = `npm run bench:scale -- [options]
  --messages <n>     reports to store first (default 200000)
  --databases <list> sqlite, postgres or both (default sqlite,postgres)
  --seconds <n>      duration of the load per row and round (default 5)
  --rounds <n>       number of rounds (default 3)
  --folder <folder>  where to create the databases (default /tmp)`;

const VIEWERS = 100;
const MANY_LISTS = `${VIEWERS} open lists`;
/** The minimum acknowledgements per second during each scenario, relative to the rate without it. */
const MIN_RATIOS: Readonly<Record<string, number>> = {
	[MANY_LISTS]: 0.85,
	'open statistics': 0.85,
	'a search per second': 0.85,
	'a CSV of everything': 0.55,
	'a workbook of everything': 0.55,
};
/** While someone reads, or old reports are deleted. */
const MAX_ACKNOWLEDGEMENT_MS = 400;
/** While SQLite only stores reports and moves its log into the file. */
const MAX_STORING_MS = 200;
const MAX_LOG_BYTES = 100_000_000;
const MAX_STORED_BYTES = 2_000;
const MAX_WRITTEN_BYTES = 37_000;
/** The number of reports over which the written bytes are measured. */
const MAX_MEASURED_REPORTS = 10_000;
const MAX_VIEWER_BYTES_PER_SECOND = 10_000;
/** Reports stored per second; at least as many have to be deleted, and nearly all of them stored in time. */
const STORING_RATE = 2_000;
const MIN_STORED_SHARE = 0.95;
const RETENTION_DAYS = 15;
/** A quarter, a year, three years, which have the most bars, and the longest range of the page. */
const FULL_RANGES_DAYS = [90, 365, 1_095, 3_653];
const RECOUNT_TIMEOUT_MS = 3_600_000;
/** The time that a scenario runs before its load. */
const SETTLE_MS = 2_000;
const CONNECTIONS = 50;
const QUERY_RUNS = 5;
/** With fewer messages, scanning the table can be right. */
const MIN_INDEXED = 50_000;

const { values } = parseArgs({
	options: {
		messages: { type: 'string', default: '200000' },
		databases: { type: 'string', default: 'sqlite,postgres' },
		seconds: { type: 'string', default: '5' },
		rounds: { type: 'string', default: '3' },
		folder: { type: 'string', default: '/tmp' },
		help: { type: 'boolean', default: false },
	},
});

/** Exceeded limits. */
const problems: string[] = [];

function check(isWell: boolean, what: string): void {
	if (!isWell) problems.push(what);
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): void {
	const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
	console.log(`\n${[head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows].map(line).join('\n')}`);
}

async function main(): Promise<void> {
	if (values.help) return console.log(USAGE);
	for (const name of values.databases.split(',')) await measure(name as 'sqlite' | 'postgres');
	if (problems.length === 0) return;
	console.error(`\nLimits exceeded:\n  ${problems.join('\n  ')}`);
	process.exitCode = 1;
}

async function measure(name: 'sqlite' | 'postgres'): Promise<void> {
	const count = Number(values.messages);
	const folder = await mkdtemp(path.join(values.folder, 'bench-scale-'));
	const cluster = name === 'postgres' ? await makeCluster({ parent: values.folder }) : undefined;
	try {
		await cluster?.start();
		const databaseUrl = await cluster?.createDatabase('scale');
		const now = Date.now();
		const make = await makeReports(count, now);

		const database = await openDatabase({ databaseUrl, dataDir: folder });
		const storedBytes = async () =>
			cluster
				? Number(await cluster.psql(`SELECT pg_database_size('scale')`))
				: (await stat(path.join(folder, 'inbox.sqlite'))).size;
		const empty = await storedBytes();
		const start = performance.now();
		// the last ones are stored as under the load below
		const few = Math.min(MAX_MEASURED_REPORTS, count / 10);
		await fill(database, make, { to: count - few });
		const writtenBefore = writtenBytes();
		await fill(database, make, { from: count - few, to: count, groupSize: CONNECTIONS });
		const written = (writtenBytes() - writtenBefore) / few;
		const seconds = (performance.now() - start) / 1000;
		await cluster?.psql('VACUUM ANALYZE', 'scale');
		const stored = ((await storedBytes()) - empty) / count;
		console.log(`\n## ${database.name.split(' ')[0]}, ${count.toLocaleString('en')} reports\n`);
		console.log(`stored ${Math.round(stored)} bytes per report, ${Math.round(count / seconds)} reports/s`);
		check(stored <= MAX_STORED_BYTES, `${name}: ${Math.round(stored)} bytes stored per report`);
		if (!cluster) {
			console.log(`written ${(written / 1000).toFixed(1)} kB per report, in groups of ${CONNECTIONS}`);
			check(written <= MAX_WRITTEN_BYTES, `${name}: ${Math.round(written)} bytes written per report`);
		}
		check((await recount(folder, databaseUrl)).length === 0, `${name}: the counters are wrong`);
		const outcomes = await askAll(database, { make, count, now }, QUERY_RUNS);
		table(
			['query', 'ms', 'of its limit'],
			outcomes.map(({ name, ms, limitMs }) => [name, ms.toFixed(1), (ms / limitMs).toFixed(2)]),
		);
		for (const outcome of outcomes) {
			check(outcome.ms <= outcome.limitMs, `${name}: ${outcome.name} takes ${outcome.ms.toFixed(0)} ms`);
			check(
				count < MIN_INDEXED || outcome.scans.length === 0,
				`${name}: ${outcome.name} scans: ${outcome.scans.join('; ')}`,
			);
		}
		await database.close();
		const full = path.join(folder, 'full');
		await runFullCounters(name, await cluster?.createDatabase('full_counters'), full);
		// what the server does about it later would disturb the following measurements
		await cluster?.psql('DROP DATABASE full_counters');
		await rm(full, { recursive: true, force: true });

		const env = { DATA_DIR: folder, LOG_LEVEL: 'info', ...(databaseUrl && { DATABASE_URL: databaseUrl }) };
		const sent = await runScenarios(name, env, make, count);
		await runRetention(name, { databaseUrl, dataDir: folder }, make, sent);
		await runMigration(name, { databaseUrl, dataDir: folder });
	} finally {
		await cluster?.remove();
		await rm(folder, { recursive: true });
	}
}

/** Recounts all messages without the time limit of a search, and returns the counts that are wrong. */
async function recount(dataDir: string, databaseUrl: string | undefined): Promise<object[]> {
	if (databaseUrl === undefined) {
		const engine = await openSqlite(dataDir, { searchMs: RECOUNT_TIMEOUT_MS });
		const search = async <Row extends object>(sql: string) =>
			((await engine.run('search', [{ sql }]))[0] ?? []) as Row[];
		return wrongCounts({ dialect: engine.dialect, search }).finally(engine.close);
	}
	const client = new Client(databaseUrl);
	await client.connect();
	const search = async <Row extends object>(sql: string) => (await client.query<Row>(sql)).rows;
	return wrongCounts({ dialect: POSTGRES, search }).finally(() => client.end());
}

/** Reads more counters than the stored reports have. */
async function runFullCounters(name: string, databaseUrl: string | undefined, dataDir: string): Promise<void> {
	const database = await openDatabase({ databaseUrl, dataDir });
	const now = Date.now();
	await fillCounters(database, now, Math.max(...FULL_RANGES_DAYS));
	const { statistics, choices } = await askFullCounters(database, now, FULL_RANGES_DAYS, QUERY_RUNS);
	const queries = [...statistics].map(([days, ms]): [string, number] => [`statistics of ${days} days`, ms]);
	table(
		['with all values in each hour', 'ms', 'of its limit'],
		[...queries, ['choices of the filters', choices] as const].map(([query, ms]) => {
			check(ms <= STATISTICS_LIMIT_MS, `${name}: the ${query} take ${ms.toFixed(0)} ms`);
			return [query, ms.toFixed(1), (ms / STATISTICS_LIMIT_MS).toFixed(2)];
		}),
	);
	await database.close();
}

/**
 * Sends reports to an inbox while others read from it.
 *
 * @returns the number of reports in the database
 */
async function runScenarios(
	name: string,
	env: Record<string, string>,
	make: (n: number) => Sample,
	count: number,
): Promise<number> {
	const inbox = await startInbox(env);
	const { url, bearer: headers } = inbox;
	let n = count;
	const get = async (target: string, signal?: AbortSignal) => {
		const response = await fetch(url + target, { headers, ...(signal && { signal }) });
		return { status: response.status, body: await response.text() };
	};
	const metric = async (name: string) =>
		Number(new RegExp(`^${name} (\\S+)$`, 'm').exec((await get('/metrics')).body)?.[1] ?? 0);
	const repeat = (pauseMs: number, targets: readonly string[]) => async (signal: AbortSignal) => {
		for (let turn = 0; !signal.aborted; turn++) {
			await get(targets[turn % targets.length] as string, signal);
			await delay(pauseMs, undefined, { signal });
		}
	};
	const scenarios: Readonly<Record<string, (signal: AbortSignal) => Promise<unknown>>> = {
		[MANY_LISTS]: async (signal) => {
			viewerRates.push(await startViewers(url, headers.Authorization, signal));
		},
		'open statistics': repeat(1_000, ['/statistics?span=month']),
		'a search per second': repeat(1_000, ['/?q=4800', '/?q=0123', '/?state=failed', '/?operator=30001', '/?q=60001']),
		'a CSV of everything': repeat(0, ['/messages.csv']),
		'a workbook of everything': repeat(0, ['/messages.xlsx']),
	};
	const load = () => sendReports(url, () => make(n++), { seconds: Number(values.seconds), connections: CONNECTIONS });

	/** Measures throughput, and the inbox's CPU time per report in microseconds. */
	async function measureLoad(): Promise<Achieved & { readonly cpu: number }> {
		const [cpu, sent] = [cpuTime(inbox.child.pid), n];
		const achieved = await load();
		return { ...achieved, cpu: (cpuTime(inbox.child.pid) - cpu) / (n - sent) };
	}

	const results = new Map<string, { ratio: number; cpuRatio: number; achieved: Achieved }[]>();
	let unhealthy = 0;
	let probes = 0;
	let logBytes = 0;
	const viewerRates: number[] = [];
	try {
		await load();
		for (let round = 0; round < Number(values.rounds); round++) {
			let before = await measureLoad();
			for (const [scenario, run] of Object.entries(scenarios)) {
				const over = new AbortController();
				const running = run(over.signal).catch((error) => {
					if (!over.signal.aborted) throw error;
				});
				while (scenario === MANY_LISTS && (await metric('mm7_inbox_viewers')) < VIEWERS) await delay(100);
				await delay(SETTLE_MS);
				const probing = setInterval(async () => {
					probes++;
					if ((await get('/healthz')).status !== 200) unhealthy++;
					logBytes = Math.max(logBytes, await metric('mm7_sqlite_log_bytes'));
				}, 500);
				const achieved = await measureLoad();
				clearInterval(probing);
				over.abort();
				await running;
				const after = await measureLoad();
				const ratio = (2 * achieved.throughput) / (before.throughput + after.throughput);
				const cpuRatio = (before.cpu + after.cpu) / (2 * achieved.cpu);
				results.set(scenario, [...(results.get(scenario) ?? []), { ratio, cpuRatio, achieved }]);
				before = after;
			}
		}
	} finally {
		await inbox.end('SIGTERM');
	}

	const rows = [...results].map(([scenario, rounds]) => {
		const [median] = rounds.toSorted((one, other) => one.ratio - other.ratio).slice(Math.floor(rounds.length / 2));
		const longest = Math.max(...rounds.map(({ achieved }) => achieved.longest));
		const { ratio = 0, cpuRatio = 0, achieved } = median ?? {};
		const least = MIN_RATIOS[scenario] ?? 0;
		check(
			ratio >= least,
			`${name}: ${scenario} reduces acknowledgements to ${ratio.toFixed(2)}; the minimum is ${least}`,
		);
		check(longest <= MAX_ACKNOWLEDGEMENT_MS, `${name}: a report took ${Math.round(longest)} ms during ${scenario}`);
		return [scenario, ratio.toFixed(2), least, cpuRatio.toFixed(2), achieved?.p99.toFixed(0) ?? '', longest.toFixed(0)];
	});
	table(
		['while someone reads', 'acknowledgements, ratio', 'at least', 'CPU per report, ratio', 'p99 ms', 'longest ms'],
		rows,
	);
	const viewerRate = Math.max(...viewerRates);
	console.log(`\neach open list received ${(viewerRate / 1000).toFixed(1)} kB/s`);
	check(viewerRate <= MAX_VIEWER_BYTES_PER_SECOND, `${name}: an open list received ${Math.round(viewerRate)} bytes/s`);
	console.log(
		`\n/healthz returned 503 in ${unhealthy} of ${probes} probes; SQLite log ${Math.round(logBytes / 1e6)} MB`,
	);
	check(unhealthy === 0, `${name}: /healthz returned 503`);
	check(logBytes <= MAX_LOG_BYTES, `${name}: the log grew to ${Math.round(logBytes / 1e6)} MB`);
	return n;
}

/**
 * Stores reports, and then deletes the older half while it stores others, without HTTP: receiving and generating as many
 * requests would already take both cores.
 */
async function runRetention(
	name: string,
	place: DatabasePlace,
	make: (n: number) => Sample,
	count: number,
): Promise<void> {
	const database = await openDatabase(place);
	let n = count;
	let start = performance.now();
	let deleted = 0;
	let rate = 0;
	const log = makeLogger('info', {
		write(line) {
			const [, more] = /"deleted":(\d+)/.exec(line) ?? [];
			if (more === undefined) return;
			deleted += Number(more);
			rate = (deleted / (performance.now() - start)) * 1000;
		},
	});
	const reports = new ReportRepository(database);
	const load = { seconds: 4 * Number(values.seconds), rate: STORING_RATE };
	const alone = await storeReports(reports, () => make(n++), load);
	console.log(`\n${Math.round(alone.throughput)} reports/s are stored, each within ${Math.round(alone.longest)} ms`);
	check(
		place.databaseUrl !== undefined || alone.longest <= MAX_STORING_MS,
		`${name}: a report took ${Math.round(alone.longest)} ms while reports were only stored`,
	);
	start = performance.now();
	const settings = { days: RETENTION_DAYS, trustClock: false };
	const retention = keepForDays(settings, reports, new RefusalRepository(database), log);
	const { throughput, longest } = await storeReports(reports, () => make(n++), load).finally(async () => {
		await retention.stop();
		await database.close();
	});
	console.log(
		`\nretention deletes ${Math.round(rate)} reports/s while ${Math.round(throughput)} are stored, each within ${Math.round(longest)} ms`,
	);
	check(rate >= STORING_RATE, `${name}: retention deletes only ${Math.round(rate)} reports/s`);
	check(
		throughput >= MIN_STORED_SHARE * STORING_RATE,
		`${name}: only ${Math.round(throughput)} reports/s are stored during retention`,
	);
	check(longest <= MAX_ACKNOWLEDGEMENT_MS, `${name}: a report took ${Math.round(longest)} ms during retention`);
}

/** Changes every report and message in one process while another one waits. */
async function runMigration(name: string, place: DatabasePlace): Promise<void> {
	const start = performance.now();
	const grown = Math.max(...(await migrateTwice(place)));
	const seconds = Math.round((performance.now() - start) / 1000);
	console.log(
		`\na migration of every report and message takes ${seconds} s and ${Math.round(grown / 1e6)} MB of memory, while a second process waits`,
	);
	check(grown <= MAX_MIGRATION_BYTES, `${name}: a migration needs ${Math.round(grown / 1e6)} MB of memory`);
}

/**
 * Opens lists in another process, so that they take no time from the load.
 *
 * @returns the bytes that each list received per second
 */
async function startViewers(url: string, authorization: string, signal: AbortSignal): Promise<number> {
	const start = performance.now();
	const script = path.join(__dirname, 'viewers.ts');
	const child = spawn(process.execPath, ['--import', 'tsx', script, url, authorization, String(VIEWERS)]);
	signal.addEventListener('abort', () => child.kill());
	const [received] = await Promise.all([text(child.stdout), once(child, 'exit')]);
	return (Number(received) / VIEWERS / (performance.now() - start)) * 1000;
}

/** Returns the CPU time of a process and its threads, in microseconds. */
function cpuTime(pid: number | undefined): number {
	const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
		.replace(/^.*\) /, '')
		.split(' ');
	return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** Returns the number of bytes that this process and its threads have written to disk. */
function writtenBytes(): number {
	return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

void main();
