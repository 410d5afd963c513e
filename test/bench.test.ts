import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { ROOT } from './support/markdown.js';

const execute = promisify(execFile);

/** A run too short for its figures to mean anything. The other packages are not installed by `npm ci`. */
const SHORT = ['--rounds', '1', '--seconds', '0.05', '--warm-up', '20', '--connections', '2'];

async function bench(script: string, ...args: string[]): Promise<string> {
	const { stdout } = await execute(process.execPath, [path.join(ROOT, 'bench', script), ...args]);
	return stdout;
}

/** The first figures of each row in the table with that title. */
function rowsOf(output: string, title: string): Map<string, string[]> {
	const table = output.split('\n\n').find((text) => text.includes(`| ${title}`)) ?? '';
	const rows = table.split('\n').slice(2);
	return new Map(
		rows.map((row) => {
			const [name = '', ...cells] = row.split('|').slice(1, -1);
			return [name.trim(), cells.map((cell) => cell.trim())];
		}),
	);
}

describe('the benchmarks', () => {
	it('print ratios, throughput, CPU, latency and memory of each row', async function () {
		this.timeout(60_000);
		const output = await bench('run.js', ...SHORT, '--only', 'node-http,express-raw,xml2js,ours,ours-async,saxes');
		const ratios = rowsOf(output, 'speed by CPU');
		expect(ratios.get('Express 5 + body-parser raw, fixed answer')).to.deep.equal(['1.00', '1.00', '1.00']);
		expect(ratios.get('saxes, the rest by hand')?.[2]).to.equal('cannot');
		expect(Number(ratios.get('the same + xml2js (and busboy), tree thrown away')?.[2])).to.be.above(0);
		for (const handler of ['sync', 'async']) {
			const own = `mm7-delivery-reports, ${handler} handler`;
			for (const title of ['speed by CPU', 'throughput', 'CPU of the server', 'requests per second']) {
				const figures = rowsOf(output, title).get(own) ?? [];
				expect(figures, title).to.have.lengthOf(3);
				for (const figure of figures) expect(Number(figure), title).to.be.above(0);
			}
			expect(rowsOf(output, 'latency p50 / p99').get(own)?.[0]).to.match(/^\d+\.\d+ \/ \d+\.\d+$/);
			expect(Number(rowsOf(output, 'memory').get(own)?.[0])).to.be.above(10);
		}
	});

	it('measure rows on Express once more with its prototypes set beforehand', async function () {
		this.timeout(60_000);
		const output = await bench('run.js', ...SHORT, '--prepared', '--only', 'node-http,express-raw,ours');
		const ratios = rowsOf(output, 'speed by CPU');
		const own = 'mm7-delivery-reports, sync handler';
		const raw = 'Express 5 + body-parser raw, fixed answer';
		const names = ['node:http, fixed answer', raw, `${raw}, prepared`, own, `${own}, prepared`];
		expect([...ratios.keys()]).to.deep.equal(names);
		for (const name of names) expect(Number(ratios.get(name)?.[0]), name).to.be.above(0);
	});

	it('take what the package stands on from the root, where no alternative can bring another version', () => {
		const { dependencies, peerDependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
		const own = Object.keys({ ...dependencies, ...peerDependencies });
		const folder = path.join(ROOT, 'bench');
		const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
			/^(?!node_modules).*\.js$/.test(file),
		);
		expect(files).to.include(path.join('http', 'servers', 'xml2js-alone.js'));
		for (const file of files) {
			const imported = [...readFileSync(path.join(folder, file), 'utf8').matchAll(/(?:from|import) '([^'./][^']*)'/g)];
			const shared = imported.map(([, name]) => name).filter((name) => own.includes(name ?? ''));
			expect(shared, file).to.deep.equal([]);
		}
	});

	it('end at the first wrong answer', async function () {
		this.timeout(60_000);
		// a build whose answer repeats no TransactionID
		const build = mkdtempSync(path.join(ROOT, 'dist-'));
		try {
			writeFileSync(
				path.join(build, 'index.js'),
				"exports.mm7DeliveryReports = () => (_req, res) => res.end('<StatusCode>1000</StatusCode>');",
			);
			const error = await bench('run.js', ...SHORT, '--only', 'ours-against', '--against', build).then(
				() => undefined,
				(failure: Error) => failure,
			);
			expect(error?.message).to.match(/wrong answer to \d{8}: HTTP 200/);
		} finally {
			rmSync(build, { recursive: true });
		}
	});

	it('hold each size of a shape against the end that it says', async () => {
		const output = await bench('growth.js', '--only', 'long quoted parameter');
		expect(output).to.match(/\| long quoted parameter in Content-Type \| +32 to 256 KB \|/);
		expect(output).to.include('0 of 1 shapes grow faster');
	});
});
