import { createServer } from 'node:http';
import bodyParser from 'body-parser';
import express from 'express';
import xml2js from 'xml2js';
import { FIXED, XML } from '../answer.js';

const LENGTH = Buffer.byteLength(FIXED);

/** The ceiling, and the parser at its quickest: one for all requests, synchronous, its tree thrown away. */
export function server() {
	const parser = new xml2js.Parser({ async: false });
	const app = express();
	app.use('/mm7', bodyParser.raw({ type: () => true, limit: '1mb' }), (req, res) => {
		parser.parseString(req.body.latin1Slice(), (error) => {
			if (error) throw error;
			res.writeHead(200, { 'Content-Type': XML, 'Content-Length': LENGTH }).end(FIXED);
		});
	});
	return createServer(app);
}
