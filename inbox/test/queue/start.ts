import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onStopSignal } from '../../lib/stop.js';
import { Roles } from '../support/roles.js';

/** `npm run start:queue`: runs the roles of an inbox on this machine, to try them out. All data is temporary. */
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
Two receivers, two workers and a page are running at the URLs above. To inspect the queue:

  RABBITMQ_URL='${roles.rabbitmq.urls[0]}' DATA_DIR='${folder}' node inbox/dist/main.js queue status
`);
	onStopSignal(async () => {
		await roles.stop();
		rmSync(folder, { recursive: true });
	});
}

main().catch((error: Error) => {
	console.error(error.message);
	process.exitCode = 1;
});
