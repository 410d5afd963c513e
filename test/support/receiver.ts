import type { RequestHandler } from 'express';
import { type DeliveryReport, mm7DeliveryReports, type Options } from '../../lib/index.js';
import { type RawRequest, sendRaw } from './raw-request.js';
import { EXPRESS, listen, type RawAnswer } from './server.js';

/** An application on a real port that keeps the report it got; `stopServers` ends it. */
export class Receiver {
	#report: DeliveryReport | undefined;

	private constructor(private readonly port: number) {}

	static async start(release: keyof typeof EXPRESS = 'Express 5', options?: Options): Promise<Receiver> {
		const app = EXPRESS[release]();
		const receiver = new Receiver((await listen(app)).port);
		const middleware = mm7DeliveryReports((report) => {
			receiver.#report = report;
		}, options);
		app.use(middleware as RequestHandler);
		return receiver;
	}

	/** Sends bytes, and gives the answer with the report that the application got, if it got one. */
	async send(request: RawRequest): Promise<{ answer: RawAnswer; report: DeliveryReport | undefined }> {
		this.#report = undefined;
		const answer = await sendRaw(this.port, request);
		return { answer, report: this.#report };
	}
}
