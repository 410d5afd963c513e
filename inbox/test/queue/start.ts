import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Roles } from '../support/roles.js';

/** `npm run start:queue`: the roles of an inbox on this machine, to be tried. Nothing is kept. */
async function main(): Promise<void> {
	const folder = mkdtempSync(path.join(tmpdir(), 'mm7-queue-'));
	console.log('Starting RabbitMQ …');
	const roles = await Roles.start({
		nodes: 1,
		receivers: 2,
		workers: 2,
		env: { ...(process.env as Record<string, string>), DATA_DIR: folder },
		onLine: (line) => console.log(line),
	});
	console.log(`
Two receivers, two workers and a page run; each has printed where. Look at the queue:

  RABBITMQ_URL='${roles.rabbitmq.urls[0]}' DATA_DIR='${folder}' node inbox/dist/main.js queue status
`);
	let isStopping = false;
	for (const signal of ['SIGINT', 'SIGTERM'] as const) {
		process.on(signal, async () => {
			if (isStopping) return;
			isStopping = true;
			await roles.stop();
			rmSync(folder, { recursive: true });
		});
	}
}

main().catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
