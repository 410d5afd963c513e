import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { freePort } from '../../../test/support/free-port.js';
import { eventually } from '../support/eventually.js';
import { type InboxProcess, startInbox } from '../support/inbox-process.js';
import { sendReport } from '../support/report-request.js';

const FILES = path.join(__dirname, '..', '..', 'monitoring');
const ALERTS = path.join(FILES, 'alerts.yml');
const SIMULATOR = path.join(__dirname, '..', '..', '..', 'dist', 'provider', 'bin.js');
const LOGIN = { user: 'prometheus', password: 'a-password-of-the-test' };
const Authorization = `Basic ${Buffer.from(`${LOGIN.user}:${LOGIN.password}`).toString('base64')}`;

const promtool = (args: readonly string[], input?: string) =>
	execFileSync('promtool', args, { encoding: 'utf8', cwd: FILES, ...(input !== undefined && { input }) });

/** The expressions of the dashboard, by panel. */
function dashboardExpressions(): [panel: string, expression: string][] {
	const { panels } = JSON.parse(readFileSync(path.join(FILES, 'dashboard.json'), 'utf8')) as {
		panels: { title: string; targets: { expr: string }[] }[];
	};
	return panels.flatMap(({ title, targets }) =>
		targets.map(({ expr }): [string, string] => [title, expr.replaceAll('$__rate_interval', '10s')]),
	);
}

/** The metrics that the alerts select, with their labels. */
function alertSelectors(): string[] {
	const selectors = readFileSync(ALERTS, 'utf8').match(/\bmm7_\w+(\{[^}]*\})?|\bup\{[^}]*\}/g) ?? [];
	return [...new Set(selectors)];
}

describe('the files of inbox/monitoring', () => {
	it('have rules that promtool accepts, and a scenario for each alert', () => {
		promtool(['check', 'rules', 'alerts.yml']);
		promtool(['test', 'rules', 'alerts.test.yml']);
		const names = (file: string) => [...readFileSync(path.join(FILES, file), 'utf8').matchAll(/\bMm7\w+/g)].map(String);
		expect(new Set(names('alerts.test.yml'))).to.deep.equal(new Set(names('alerts.yml')));
	});

	describe('with a Prometheus that scrapes an inbox', () => {
		let folder: string;
		let inbox: InboxProcess;
		let prometheus: ChildProcess;
		let api: string;

		before(async () => {
			folder = mkdtempSync(path.join(tmpdir(), 'inbox-monitoring-'));
			const env = { DATA_DIR: folder, PAGE_USER: LOGIN.user, PAGE_PASSWORD: LOGIN.password, OVERDUE_AFTER: '72h' };
			inbox = await startInbox(env);
			const config = path.join(folder, 'prometheus.yml');
			// JSON is YAML
			writeFileSync(config, JSON.stringify(configFor(new URL(inbox.url).host)));
			const address = `127.0.0.1:${await freePort()}`;
			api = `http://${address}/api/v1`;
			const args = ['--config.file', config, '--storage.tsdb.path', path.join(folder, 'prometheus')];
			prometheus = spawn('prometheus', [...args, '--web.listen-address', address, '--log.level', 'error'], {
				stdio: ['ignore', 'inherit', 'inherit'],
			});
			await eventually('the first scrape', async () => (await series('up == 1')) === 1);
		});
		after(async () => {
			const exited = prometheus && once(prometheus, 'exit');
			prometheus?.kill();
			await exited;
			await inbox?.end('SIGTERM');
			rmSync(folder, { recursive: true });
		});

		const configFor = (target: string) => ({
			global: { scrape_interval: '1s', evaluation_interval: '1s' },
			rule_files: [ALERTS],
			scrape_configs: [
				{
					job_name: 'mm7-inbox',
					basic_auth: { username: LOGIN.user, password: LOGIN.password },
					static_configs: [{ targets: [target] }],
				},
			],
		});

		/** Counts the series that an expression returns. */
		async function series(expression: string): Promise<number> {
			const { data } = await get<{ result: unknown[] }>(`query?query=${encodeURIComponent(expression)}`);
			return data.result.length;
		}

		async function get<Data>(question: string): Promise<{ data: Data }> {
			return (await (await fetch(`${api}/${question}`)).json()) as { data: Data };
		}

		/** Reports of all states and read replies, and requests that are refused. */
		async function sendEverything(): Promise<void> {
			const options = ['--count', '50', '--status', 'Retrieved,Retrieved,Expired', '--read-replies', '20%'];
			const simulator = spawn(process.execPath, [SIMULATOR, 'simulate', `${inbox.url}/mm7`, ...options]);
			expect(await once(simulator, 'exit')).to.deep.equal([0, null]);
			await sendReport(inbox.url, '<broken>');
		}

		it('has metrics that follow the conventions', async () => {
			const text = await (await fetch(`${inbox.url}/metrics`, { headers: { Authorization } })).text();
			// the metrics of Node.js are those of prom-client
			promtool(['check', 'metrics'], `${text.match(/^(?:# \w+ )?mm7_.*\n/gm)?.join('')}`);
		});

		it('returns series for every expression of the dashboard, and for every metric of the alerts', async () => {
			await sendEverything();
			for (const [panel, expression] of [
				...dashboardExpressions(),
				...alertSelectors().map((selector): [string, string] => ['alerts', selector]),
			]) {
				await eventually(`${panel}: ${expression}`, async () => (await series(expression)) > 0);
			}
		});

		it('evaluates the rules, and fires no alert while all is well', async () => {
			interface Rule {
				readonly name: string;
				readonly health: string;
				readonly state?: string;
			}
			const rules = async () =>
				(await get<{ groups: { rules: Rule[] }[] }>('rules')).data.groups.flatMap((group) => group.rules);
			await eventually('an evaluation', async () => (await rules()).every(({ health }) => health !== 'unknown'));
			expect((await rules()).filter(({ health }) => health !== 'ok')).to.deep.equal([]);
			expect((await rules()).filter(({ state = 'inactive' }) => state !== 'inactive')).to.deep.equal([]);
		});
	});
});
