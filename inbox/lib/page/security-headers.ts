import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Sets security headers, so that the page loads and runs only its own files. */
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
		// with 'no-referrer', browsers would not send the Origin of a form
		referrerPolicy: { policy: 'same-origin' },
		xFrameOptions: { action: 'deny' },
		// left to the proxy, which has the certificate
		strictTransportSecurity: false,
	});
}
