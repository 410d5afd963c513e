// Packages that come without types.
declare module 'body-parser-xml' {
	const addXmlTo: (bodyParser: object) => void;
	export default addXmlTo;
}

declare module 'express-xml-bodyparser' {
	import type { RequestHandler } from 'express';

	const xmlParser: { (options?: object): RequestHandler; regexp: RegExp };
	export default xmlParser;
}
