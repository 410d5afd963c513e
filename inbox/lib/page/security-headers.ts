import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Sets security headers: the page loads and runs only its own files. */
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
		// set by the proxy, which has the certificate
		strictTransportSecurity: false,
	});
}
