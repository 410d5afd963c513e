import { type ExecFileException, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { freePort } from '../../test/support/free-port.js';
import { reportXml, sendReport } from './support/report-request.js';

const ROOT = path.join(__dirname, '../..');
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** Like the official image of that name, as far as the Dockerfile uses it: made without a registry of images. */
const BASE = `FROM scratch
ADD debian.tar /
COPY usr /usr
COPY ca-certificates.crt ${CERTIFICATES}
ENV PATH=/usr/local/bin:/usr/bin:/bin NODE_EXTRA_CA_CERTS=${CERTIFICATES}
RUN cp --remove-destination "$(readlink -f /usr/local/bin/node)" /usr/local/bin/node \\
	&& printf 'root:x:0:0::/root:/bin/sh\\nnode:x:1000:1000::/home/node:/bin/sh\\n' >/etc/passwd \\
	&& printf 'root:x:0:\\nnode:x:1000:\\n' >/etc/group
`;

interface ImageConfig {
	readonly User: string;
	readonly Entrypoint: readonly string[];
	readonly Healthcheck: { readonly Test: readonly string[] };
	readonly Volumes: Readonly<Record<string, unknown>>;
}

describe('the image', function () {
	this.timeout(900_000);

	const folder = mkdtempSync(path.join(tmpdir(), 'mm7-image-'));
	let config: ImageConfig;
	let container: string;

	async function run(program: string, ...args: string[]): Promise<string> {
		try {
			const { stdout } = await promisify(execFile)(program, args, { cwd: ROOT, maxBuffer: 2 ** 24 });
			return stdout.trim();
		} catch (error) {
			const { message, stdout, stderr } = error as ExecFileException;
			throw new Error(`${message}\n${stdout}${stderr}`);
		}
	}

	/** Arguments that let buildah work without a daemon, and without the right to make namespaces. */
	const buildah = (command: string, ...args: string[]) => [
		...['--root', path.join(folder, 'storage'), '--runroot', path.join(folder, 'run'), '--storage-driver', 'vfs'],
		...[command, ...(['build', 'run'].includes(command) ? ['--isolation', 'chroot'] : []), ...args],
	];

	async function build(tag: string, file: string, context: string): Promise<void> {
		const cache = await run('npm', 'config', 'get', 'cache');
		// docker's format has health checks
		const options = ['--format', 'docker', '--pull-never', '--volume', `${cache}:/root/.npm`];
		await run('buildah', ...buildah('build', ...options, '--tag', tag, '--file', file, context));
	}

	before(async () => {
		const base = path.join(folder, 'base');
		mkdirSync(base);
		const packages = '--include=dash,coreutils,libstdc++6';
		await run('mmdebstrap', '--variant=extract', packages, 'bookworm', path.join(base, 'debian.tar'));
		const node = `node-${process.platform}-${process.arch}@24`;
		await run('npm', 'install', '--global', '--prefix', path.join(base, 'usr/local'), 'npm@11', node);
		copyFileSync(CERTIFICATES, path.join(base, 'ca-certificates.crt'));
		writeFileSync(path.join(base, 'Dockerfile'), BASE);
		await build('docker.io/library/node:24-bookworm-slim', path.join(base, 'Dockerfile'), base);
		rmSync(base, { recursive: true });

		await build('mm7-inbox', 'inbox/Dockerfile', '.');
		config = JSON.parse(await run('buildah', ...buildah('inspect', '--type', 'image', 'mm7-inbox'))).Docker.config;
		container = await run('buildah', ...buildah('from', '--pull-never', 'mm7-inbox'));
	});
	after(() => rmSync(folder, { recursive: true, force: true }));

	it('has neither npm nor anything that only building needs', async () => {
		const mount = await run('buildah', ...buildah('mount', container));
		const inImage = (file: string) => existsSync(path.join(mount, file));
		expect(['app/inbox/dist/main.js', 'app/node_modules/express', 'usr/local/bin/node'].filter(inImage)).to.have.length(
			3,
		);
		const unwanted = [
			'usr/local/bin/npm',
			'app/node_modules/typescript',
			'app/node_modules/libsql',
			'app/lib',
			'app/inbox/lib',
		];
		expect(unwanted.filter(inImage)).to.deep.equal([]);
		expect(config.Volumes).to.deep.equal({ '/data': {} });
	});

	it('runs as its user, stores a report in its volume, is healthy, and stops by SIGTERM', async () => {
		const port = await freePort();
		const inContainer = (...command: readonly string[]) =>
			buildah('run', '--env', `PORT=${port}`, container, '--', ...command);
		// buildah does not pass signals on, so the process says who it is
		const announced = ['sh', '-c', 'echo "$$ $(id -u)"; exec "$@"', 'sh', ...config.Entrypoint];
		const running = spawn('buildah', inContainer(...announced), { stdio: ['ignore', 'pipe', 'inherit'] });
		const closed = once(running, 'close');
		const lines: string[] = [];
		for await (const line of createInterface(running.stdout)) {
			lines.push(line);
			if (!line.includes('"waiting for reports"')) continue;

			const sent = await sendReport(`http://127.0.0.1:${port}`, reportXml());
			expect(sent).to.deep.equal({ httpStatus: 200, statusCode: 1000 });
			const [, token] = /\?token=(\S+)/.exec(lines.join('\n')) ?? [];
			for (const file of ['style.css', 'sample.xml', 'readme.txt']) {
				const headers = { Authorization: `Bearer ${token}` };
				expect(await fetch(`http://127.0.0.1:${port}/${file}`, { headers }), file).to.include({ status: 200 });
			}
			const [kind, ...check] = config.Healthcheck.Test;
			expect(kind).to.equal('CMD');
			await run('buildah', ...inContainer(...check));
			process.kill(Number(lines[0]?.split(' ')[0]), 'SIGTERM');
		}
		expect(await closed).to.deep.equal([0, null]);
		expect(lines[0]).to.match(/ 1000$/);
		expect(lines.join('\n')).to.include('SQLite in /data/inbox.sqlite');
		expect(lines.at(-1)).to.include('"complete":true,"msg":"stopped"');

		const [, ...check] = config.Healthcheck.Test;
		const unhealthy = await run('buildah', ...inContainer(...check)).catch(({ message }: Error) => message);
		expect(unhealthy).to.include('exit status 1');
	});
});

describe('compose.yaml', () => {
	const folder = mkdtempSync(path.join(tmpdir(), 'mm7-compose-'));
	const file = path.join(folder, 'compose.yaml');

	before(() => {
		copyFileSync(path.join(ROOT, 'inbox/compose.yaml'), file);
		copyFileSync(path.join(ROOT, 'inbox/.env.example'), path.join(folder, '.env'));
	});
	after(() => rmSync(folder, { recursive: true }));

	it('matches the schema of Compose, and has the services of each profile', async () => {
		const { stdout } = await promisify(execFile)('docker-compose', ['--file', file, 'config'], { cwd: folder });
		const services = (profile: string) =>
			[...stdout.matchAll(/^ {2}(\S+):\n(?: {4}.*\n)+/gm)].flatMap(([text, name]) =>
				text.includes(`\n    - ${profile}\n`) ? name : [],
			);
		expect(services('sqlite')).to.have.members(['inbox']);
		expect(services('postgres')).to.have.members(['inbox-postgres', 'postgres']);
		const nodes = ['rabbitmq-1', 'rabbitmq-2', 'rabbitmq-3'];
		expect(services('queue')).to.have.members(['receive-1', 'receive-2', ...nodes, 'work', 'postgres', 'page']);
	});
});
