/**
 * The packages that the middleware stands on, in the version that the repository installs. Rows import them from here:
 * by their bare names they would get what an alternative has brought into the node_modules of this folder.
 */
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../package.json', import.meta.url));

/** @type {typeof import('body-parser')} */
export const bodyParser = require('body-parser');
/** @type {typeof import('busboy')} */
export const busboy = require('busboy');
/** @type {typeof import('express')} */
export const express = require('express');
/** @type {typeof import('xml2js')} */
export const xml2js = require('xml2js');

/** Their names and versions, as one reads them in a report. */
export const VERSIONS = ['express', 'body-parser', 'busboy', 'xml2js']
	.map((name) => `${name} ${require(`${name}/package.json`).version}`)
	.join(', ');
