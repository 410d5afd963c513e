import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Names of operators by their ids. */
export type OperatorNames = Readonly<Record<string, string>>;

/** As published by Sinch: https://developers.sinch.com/docs/mms/7-service/sinch-operator-ids */
export const SINCH_OPERATORS: OperatorNames = {
	10488: 'Google Voice',
	30205: 'SaskTel CA',
	30210: 'Rogers CA',
	30211: 'Bell CA',
	30212: 'Fido CA',
	30213: 'TELUS CA',
	30214: 'Videotron CA',
	31002: 'AT&T',
	31003: 'Verizon',
	31004: 'T-Mobile',
	31005: 'Sprint',
	31012: 'US Cellular',
	31062: 'Metro by T-Mobile',
	33011: 'Claro PR',
};

const NAMES = z.record(z.string(), z.string().max(100), { error: 'must be an object of names by operator id' });

/**
 * Reads a JSON file such as `{ "31002": "AT&T" }`, which adds names and overrides the built-in ones.
 *
 * @throws Error that says what is wrong with the file
 */
export function readOperators(file: string): OperatorNames {
	const { data, error } = NAMES.safeParse(JSON.parse(readFileSync(file, 'utf8')));
	if (data) return { ...SINCH_OPERATORS, ...data };
	throw new Error(error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; '));
}

/** Returns the name of an operator, if it has one. Some senders put zeros before an id. */
export function operatorName(names: OperatorNames, id: string): string | undefined {
	return [id, id.replace(/^0+/, '')].map((one) => (Object.hasOwn(names, one) ? names[one] : undefined)).find(Boolean);
}
