import type { Agent } from 'node:http';
import { keepAliveAgent, send } from '../client.js';
import type { PlannedMessage } from './message-lives.js';

/** An inbox, or anything else with its `PUT /api/messages/{messageId}`. */
export interface Registry {
	/** The root of the inbox. */
	readonly url: URL;
	/** Its API_TOKEN. */
	readonly token: string;
}

/** A message without its reports, as an application knows it. */
export type SubmittedMessage = Omit<PlannedMessage, 'reports'>;

/** Registers messages as an application does after it submitted them. */
export function registerAt({ url, token }: Registry, connections: number) {
	const agent: Agent = keepAliveAgent(url, connections);
	const root = url.href.replace(/\/?$/, '/');
	return {
		agent,
		/** @throws Error whose message is a phrase with the reason */
		async message({ messageId, recipient, ...facts }: SubmittedMessage, timeout: number, signal: AbortSignal) {
			const { status } = await send(new URL(`api/messages/${encodeURIComponent(messageId)}`, root), {
				method: 'PUT',
				headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
				body: JSON.stringify({ recipients: [recipient], ...facts }),
				...{ timeout, agent, signal },
			});
			if (status < 200 || status > 299) throw new Error(`HTTP ${status}`);
		},
	};
}
