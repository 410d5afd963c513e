/** What a test says about a report. */
export interface ReportFields {
	readonly transactionId: string;
	readonly messageId: string;
	readonly recipient: string;
	readonly mmStatus: string;
	readonly date: string;
}

/** A report that differs from all others in every id; all ids and numbers are invented. */
export function reportFields(index: number, overrides: Partial<ReportFields> = {}): ReportFields {
	return {
		transactionId: `tx-${index}`,
		messageId: `48${String(index).padStart(16, '0')}`,
		recipient: `1201555${String(index % 10_000).padStart(4, '0')}`,
		mmStatus: 'Retrieved',
		date: new Date(Date.UTC(2026, 2, 16) + index * 1000).toISOString(),
		...overrides,
	};
}
