import type { Config } from '../config.js';
import type { Logger } from '../log.js';
import type { Outbox } from '../store/outbox.js';

/**
 * Makes all processes of the database record events, or stops that, before the first report arrives. A process without
 * `FORWARD_URL` changes nothing, because another one may send the events.
 *
 * @throws DatabaseError
 */
export async function prepareForwarding(
	outbox: Outbox,
	{ forward }: Pick<Config, 'forward'>,
	log: Logger,
): Promise<void> {
	const isOn = await outbox.isOn();
	if (forward !== undefined && isOn !== (forward !== 'off')) await outbox.turn(forward !== 'off');
	if (forward === undefined && isOn) {
		log.warn('events are recorded, but this process does not send them; FORWARD_URL=off stops recording');
	}
}
