#!/usr/bin/env node
import { readConfig } from './config.js';
import { demoConfig } from './demo.js';
import { loadEnvFile } from './env-file.js';
import { makeLogger } from './log.js';
import { printStatus, replay } from './queue/commands.js';
import { ROLES } from './roles.js';
import { run } from './run.js';

const USAGE = `Usage: mm7-inbox [receive | work | page | demo | queue status | queue replay]

  (no argument)  do everything in one process
  receive        receive reports and put them into the RabbitMQ queue
  work           store the reports from the queue
  page           serve the page and the API
  demo           do everything with a thousand invented messages, in a temporary database
  queue status   print the size of the queue and the database, and the oldest dead letters
  queue replay   move the dead letters back into the queue

Configure it with environment variables or a .env file in the working directory.`;

async function main(args: readonly string[]): Promise<void> {
	const command = args.join(' ');
	if (['--help', '-h', 'help'].includes(command)) return console.log(USAGE);
	const role = ROLES.find((one) => one === command);
	const queueCommand = ['queue status', 'queue replay'].includes(command);
	const isDemo = command === 'demo';
	if (command !== '' && role === undefined && !queueCommand && !isDemo) throw new Error(USAGE);

	loadEnvFile('.env');
	const config = readConfig(process.env);
	if (queueCommand || role === 'receive' || role === 'work') {
		const { queue } = config;
		if (queue === undefined) throw new Error(`RABBITMQ_URL is missing: "mm7-inbox ${command}" requires a queue`);
		if (command === 'queue status') return printStatus(config, queue);
		if (command === 'queue replay') return replay(queue);
	}
	const log = makeLogger(config.logLevel);
	await run(isDemo ? await demoConfig(config) : config, role, role ? log.child({ role, pid: process.pid }) : log);
}

main(process.argv.slice(2)).catch((error: unknown) => {
	// a wrong configuration calls for a sentence, not a stack trace
	console.error(error instanceof Error ? error.message : error);
	process.exit(1);
});
