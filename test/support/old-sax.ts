import type { parseXml } from '../../lib/xml/parse.js';

/** The oldest version that `npm install` may put under xml2js (`sax: ">=0.6.0"`). */
export const OLD_SAX = ['sax-0.6.0'] as const;

/** The parser of lib, with xml2js on an old version of sax. */
export function parserWith(sax: (typeof OLD_SAX)[number]): typeof parseXml {
	const paths = ['../../lib/xml/parse.ts', '../../lib/xml/read-document.ts', 'xml2js'].map((path) =>
		require.resolve(path),
	);
	const isOurs = (path: string) => paths.includes(path) || path.includes('/xml2js/');
	const newest = require.resolve('sax', { paths: [require.resolve('xml2js')] });
	const before = new Map(
		Object.keys(require.cache)
			.filter((path) => isOurs(path) || path === newest)
			.map((path) => [path, require.cache[path]]),
	);
	for (const path of before.keys()) delete require.cache[path];
	require(sax);
	require.cache[newest] = require.cache[require.resolve(sax)];
	try {
		return require(paths[0] as string).parseXml;
	} finally {
		for (const path of Object.keys(require.cache).filter(isOurs)) delete require.cache[path];
		delete require.cache[newest];
		for (const [path, loaded] of before) require.cache[path] = loaded;
	}
}
