import { DEFAULT_PROVIDER } from './store/report-row.js';

/** A provider that sends reports. MessageIDs are unique per provider only. */
export interface Provider {
	/** `default` for the path `/mm7`, otherwise the NAME of `/mm7/NAME`. */
	readonly name: string;
	/** What it has to send by HTTP Basic; without it, no password is needed. */
	readonly credentials: { readonly user: string; readonly password: string } | undefined;
	/** Its addresses and CIDR ranges; without it, all addresses are accepted. */
	readonly allowFrom: readonly string[] | undefined;
	/** Whether `Date` in its reports is the time of submission, as at Sinch. */
	readonly dateIsSubmission: boolean;
}

/** The path to which a provider sends reports. */
export function pathOf({ name }: Provider): string {
	return name === DEFAULT_PROVIDER ? '/mm7' : `/mm7/${name}`;
}

/** The beginning of the names of a provider's variables. */
export function prefixOf(name: string): string {
	return name === DEFAULT_PROVIDER ? 'MM7' : `MM7_${name.toUpperCase().replaceAll('-', '_')}`;
}
