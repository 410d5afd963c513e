/** A time as either database returns it. */
export type StoredTime = Date | string;

/** Converts it to a Date. */
export function toDate<Time extends StoredTime | null>(value: Time): Date | (Time & null) {
	return value === null ? (value as Time & null) : new Date(value);
}
