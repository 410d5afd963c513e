import type { Summary } from './summary.js';

/** Formats the summary as a table, with a line break at the end. */
export function table(summary: Summary): string {
	const { latency, reasons, unfinished, duplicatesNotAccepted, silent, registered, notRegistered } = summary;
	const rows: [string, string | number][] = [
		['messages', summary.messages],
		...optionalRow('  silent', silent),
		...optionalRow('registered', registered),
		...optionalRow('not registered', notRegistered),
		['reports sent', summary.reports],
		...optionalRow('  read replies', summary.readReplies),
		['accepted', summary.accepted],
		['rejected', summary.rejected],
		['lost', summary.lost],
		...(summary.interrupted ? [['unfinished', unfinished] as [string, number]] : []),
		['retried', summary.retried],
		['duplicates sent', summary.duplicates],
		...optionalRow('  not accepted', duplicatesNotAccepted),
		['latency p50', milliseconds(latency.p50)],
		['latency p99', milliseconds(latency.p99)],
		['duration', milliseconds(summary.duration)],
		['seed', summary.seed],
	];
	const failures = Object.entries(reasons).sort(([, one], [, other]) => other - one);
	return [
		...rows.map(([name, value]) => row(name, value)),
		...(failures.length === 0 ? [] : ['', 'not accepted because of', ...failures.map(([name, n]) => `${n} x ${name}`)]),
		'',
	].join('\n');
}

/** A row that is left out if there is nothing to count. */
function optionalRow(name: string, count: number): [string, number][] {
	return count > 0 ? [[name, count]] : [];
}

function row(name: string, value: string | number): string {
	return `${name.padEnd(16)} ${String(value).padStart(12)}`;
}

function milliseconds(value: number | null): string {
	return value === null ? '-' : `${value.toFixed(1)} ms`;
}
