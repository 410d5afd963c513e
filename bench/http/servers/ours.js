import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import express from 'express';

/**
 * The built middleware as a user mounts it.
 *
 * @param {{ dist: string, async: boolean }} options - folder of the build; whether the handler is an async function
 */
export async function receiver({ dist, async }) {
	/** @type {{ mm7DeliveryReports: (handler: () => unknown) => import('express').RequestHandler }} */
	const { mm7DeliveryReports } = await import(pathToFileURL(join(dist, 'index.js')).href);
	const app = express();
	app.use('/mm7', mm7DeliveryReports(async ? async () => {} : () => {}));
	return app;
}
