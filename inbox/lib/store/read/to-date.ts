/** A time as either database gives it. */
export type StoredTime = Date | string;

/** The same as a time. */
export function toDate<Time extends StoredTime | null>(value: Time): Date | (Time & null) {
	return value === null ? (value as Time & null) : new Date(value);
}
