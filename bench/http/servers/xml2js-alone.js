import bodyParser from 'body-parser';
import busboy from 'busboy';
import express from 'express';
import xml2js from 'xml2js';
import { FIXED, XML } from '../answer.js';

const LENGTH = Buffer.byteLength(FIXED);
const LESS_THAN = '<'.charCodeAt(0);
const FORM = 'multipart/form-data; boundary=form';

/**
 * The ceiling, and the parsers at their quickest: xml2js is one for all requests and synchronous, and its tree is thrown
 * away. busboy takes no multipart/related, so it is given the first such body as form data.
 */
export function receiver() {
	const parser = new xml2js.Parser({ async: false });
	/** @type {Buffer | undefined} */
	let form;
	const app = express();
	app.use('/mm7', bodyParser.raw({ type: () => true, limit: '1mb' }), (req, res) => {
		let text = req.body.latin1Slice();
		if (req.body[0] !== LESS_THAN) {
			form ??= asForm(text);
			text = split(form);
		}
		parser.parseString(text, (error) => {
			if (error) throw error;
			res.writeHead(200, { 'Content-Type': XML, 'Content-Length': LENGTH }).end(FIXED);
		});
	});
	return app;
}

/**
 * A body with one field, which holds the XML of another one.
 *
 * @param {string} text - of the other one
 */
function asForm(text) {
	const xml = text.slice(text.indexOf('<?xml'), text.lastIndexOf('>') + 1);
	return Buffer.from(`--form\r\nContent-Disposition: form-data; name="0"\r\n\r\n${xml}\r\n--form--\r\n`, 'latin1');
}

/** @param {Buffer} body */
function split(body) {
	let field = '';
	const splitter = busboy({ headers: { 'content-type': FORM }, defCharset: 'latin1' });
	splitter.on('field', (_, value) => {
		field = value;
	});
	splitter.write(body);
	return field;
}
