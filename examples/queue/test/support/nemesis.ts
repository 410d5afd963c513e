import { setTimeout as pause } from 'node:timers/promises';
import type { Example } from './example.js';

/** Something bad that was done, and when the provider was acknowledged again after it. */
interface Deed {
	readonly what: string;
	readonly at: number;
	acknowledgedAt?: number;
}

/** Milliseconds that one RabbitMQ node stands still. */
const STANDSTILL = 30_000;

/** Does harm to the example at random until it is told to stop: to one RabbitMQ node at a time, and to the others. */
export class Nemesis {
	readonly #example: Example;
	readonly #killDatabase: () => Promise<void>;
	readonly #deeds: Deed[] = [];

	/** @param killDatabase - kills the database server, and starts it again */
	constructor(example: Example, killDatabase: () => Promise<void>) {
		this.#example = example;
		this.#killDatabase = killDatabase;
	}

	count(what: string): number {
		return this.#deeds.filter((deed) => deed.what === what).length;
	}

	/** To be called when a report was acknowledged that was sent at that time. */
	acknowledged(sentAt: number): void {
		for (let index = this.#deeds.length - 1; index >= 0; index -= 1) {
			const deed = this.#deeds[index] as Deed;
			if (deed.acknowledgedAt !== undefined) return;
			if (deed.at <= sentAt) deed.acknowledgedAt = performance.now();
		}
	}

	/** @param isEnough - looked at after each deed */
	async harm(isEnough: () => boolean): Promise<void> {
		const harmNodes = async () => {
			for (let kills = 0; !isEnough(); kills += 1) {
				// not the last one, so that it goes on under load
				if (kills === 4) await this.#stopNode();
				await pause(random(1_000, 3_000));
				await this.#killNode();
			}
		};
		const harmOthers = async () => {
			const others = [
				() => this.#do('receiver killed', () => this.#example.kill('receiver')),
				() => this.#do('worker killed', () => this.#example.kill('worker')),
				() => this.#do('database killed', this.#killDatabase),
			];
			for (let turn = 0; !isEnough(); turn += 1) {
				await pause(random(2_000, 6_000));
				await others[turn % others.length]?.();
			}
		};
		await Promise.all([harmNodes(), harmOthers()]);
	}

	/** The milliseconds from each kind of deed to the next acknowledgement. */
	waits(): Map<string, number[]> {
		const waits = new Map<string, number[]>();
		for (const { what, at, acknowledgedAt = Number.NaN } of this.#deeds) {
			waits.set(what, [...(waits.get(what) ?? []), Math.round(acknowledgedAt - at)]);
		}
		return waits;
	}

	async #killNode(): Promise<void> {
		const node = Math.ceil(random(0, 3));
		await this.#do('node killed', () => this.#example.killNode(node));
	}

	async #stopNode(): Promise<void> {
		const node = Math.ceil(random(0, 3));
		await this.#do('node stands still', () => this.#example.signalNode(node, 'SIGSTOP'));
		await pause(STANDSTILL);
		await this.#do('node goes on', () => this.#example.signalNode(node, 'SIGCONT'));
		// it hears that it was given up, stops, and joins the others again
		await pause(5_000);
		await this.#example.control('await_online_nodes', '3', '--timeout', '120');
	}

	async #do(what: string, deed: () => Promise<void>): Promise<void> {
		this.#deeds.push({ what, at: performance.now() });
		await deed();
	}
}

function random(from: number, to: number): number {
	return from + Math.random() * (to - from);
}
