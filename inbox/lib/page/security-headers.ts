import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** The headers of the page: nothing is loaded or run but its own three files. */
export function securityHeaders(): RequestHandler {
	return helmet({
		contentSecurityPolicy: {
			useDefaults: false,
			directives: {
				'default-src': ["'none'"],
				'script-src': ["'self'"],
				'style-src': ["'self'"],
				'connect-src': ["'self'"],
				'img-src': ["'self'"],
				'base-uri': ["'none'"],
				'form-action': ["'self'"],
				'frame-ancestors': ["'none'"],
			},
		},
		referrerPolicy: { policy: 'no-referrer' },
		xFrameOptions: { action: 'deny' },
		// for the proxy to say, which has the certificate
		strictTransportSecurity: false,
	});
}
