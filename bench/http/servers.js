import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import bodyParser from 'body-parser';
import busboy from 'busboy';
import express from 'express';
import xml2js from 'xml2js';

const NAMESPACE = 'http://www.3gpp.org/ftp/Specs/archive/23_series/23.140/schema/REL-6-MM7-1-4';
/** The fixed response of the servers that do not create one. */
const FIXED =
	'<?xml version="1.0" encoding="UTF-8"?>\n' +
	'<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Header>' +
	`<TransactionID xmlns="${NAMESPACE}" env:mustUnderstand="1">10000000</TransactionID></env:Header>` +
	`<env:Body><DeliveryReportRsp xmlns="${NAMESPACE}"><MM7Version>6.8.0</MM7Version><Status>` +
	'<StatusCode>1000</StatusCode><StatusText>Success</StatusText></Status></DeliveryReportRsp></env:Body></env:Envelope>';
const HEAD = { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': Buffer.byteLength(FIXED) };

/** @typedef {import('express').Express} Express */

/**
 * The built middleware as a user mounts it.
 *
 * @param {{ dist: string, async: boolean }} options - folder of the build; true makes the handler an async function
 * @returns {Promise<Express>}
 */
async function ours({ dist, async }) {
	/** @type {{ mm7DeliveryReports: (handler: () => unknown) => import('express').RequestHandler }} */
	const { mm7DeliveryReports } = await import(pathToFileURL(join(dist, 'index.js')).href);
	return express().use('/mm7', mm7DeliveryReports(async ? async () => {} : () => {}));
}

/**
 * Express and body-parser, with a fixed response.
 *
 * @param {(body: Buffer) => void} [parse]
 * @returns {Express}
 */
function expressRaw(parse = () => {}) {
	return express().use('/mm7', bodyParser.raw({ type: () => true, limit: '1mb' }), (req, res) => {
		parse(req.body);
		res.writeHead(200, HEAD).end(FIXED);
	});
}

/**
 * The same with the parsers at their fastest: one synchronous xml2js for all requests, whose result is discarded.
 * busboy does not accept multipart/related, so it gets the first such body as form data.
 *
 * @returns {Express}
 */
function xml2jsAlone() {
	const parser = new xml2js.Parser({ async: false });
	/** @type {Buffer | undefined} */
	let form;
	return expressRaw((body) => {
		let text = body.toString('latin1');
		if (!text.startsWith('<')) {
			form ??= asForm(text);
			text = split(form);
		}
		parser.parseString(text, (error) => {
			if (error) throw error;
		});
	});
}

/** A form with one field, the XML of a multipart body. @param {string} body */
function asForm(body) {
	const xml = body.slice(body.indexOf('<?xml'), body.lastIndexOf('>') + 1);
	return Buffer.from(`--form\r\nContent-Disposition: form-data; name="0"\r\n\r\n${xml}\r\n--form--\r\n`, 'latin1');
}

/** @param {Buffer} form */
function split(form) {
	let field = '';
	const splitter = busboy({ headers: { 'content-type': 'multipart/form-data; boundary=form' }, defCharset: 'latin1' });
	splitter.on('field', (_, value) => {
		field = value;
	});
	splitter.write(form);
	return field;
}

/** @type {Record<string, (options: any) => Express | Promise<Express>>} */
export const SERVERS = { ours, expressRaw: () => expressRaw(), xml2jsAlone };
