import bodyParser from 'body-parser';
import express from 'express';
import { FIXED, XML } from '../answer.js';

const LENGTH = Buffer.byteLength(FIXED);

/** The ceiling: what ours stands on, Express and body-parser, with nothing read and a constant answer. */
export function receiver() {
	const app = express();
	app.use('/mm7', bodyParser.raw({ type: () => true, limit: '1mb' }), (_req, res) => {
		res.writeHead(200, { 'Content-Type': XML, 'Content-Length': LENGTH }).end(FIXED);
	});
	return app;
}
