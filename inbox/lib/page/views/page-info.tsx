/** @jsxRuntime automatic @jsxImportSource preact */
import type { Response } from 'express';
import { type AnchorHTMLAttributes, type ComponentChildren, createContext, type JSX } from 'preact';
import { useContext } from 'preact/hooks';
import type { OperatorNames } from '../../operators.js';
import { UTC, type Zone } from '../../zone.js';
import { urlOf, withZone, zoneOf } from '../url.js';

/** What every part of a page depends on: the request's address, and whether the inbox shows demo data. */
export interface PageInfo {
	/** The path and query, relative to the inbox. */
	readonly here: string;
	/** The zone of all times, from the address; without one, UTC. */
	readonly zone: Zone;
	/** Whether the address names the zone, so that links keep it. */
	readonly hasZone: boolean;
	readonly isDemo: boolean;
	/** Whether messages can be overdue. */
	readonly hasOverdue: boolean;
	/** Names of operators by their ids. */
	readonly operators: OperatorNames;
}

export const PageContext = createContext<PageInfo>({
	here: '.',
	zone: UTC,
	hasZone: false,
	isDemo: false,
	hasOverdue: false,
	operators: {},
});

export function pageInfo(res: Response): PageInfo {
	const { pathname, search } = urlOf(res.req);
	const zone = zoneOf(res.req);
	const here = `${pathname.slice(pathname.lastIndexOf('/') + 1) || '.'}${search}`;
	const { isDemo = false, hasOverdue = false, operators = {} } = res.app.locals as Partial<PageInfo>;
	return { here, zone: zone ?? UTC, hasZone: zone !== undefined, isDemo, hasOverdue, operators };
}

/** The zone of all times on the page. */
export function useZone(): Zone {
	return useContext(PageContext).zone;
}

/** A link to a page of the inbox, which shows times in the same zone. */
export function Link({ href, ...attributes }: AnchorHTMLAttributes & { href: string }): JSX.Element {
	const { zone, hasZone } = useContext(PageContext);
	return <a href={hasZone ? withZone(href, zone) : href} {...attributes} />;
}

/** A form whose response is a page in the same zone. Without a zone in its address, zone.js would ask for the page again. */
export function PostForm({ action, children }: { action: string; children: ComponentChildren }): JSX.Element {
	const { zone, hasZone } = useContext(PageContext);
	return (
		<form action={hasZone ? withZone(action, zone) : action} method="post">
			{children}
		</form>
	);
}

/** The hidden field that keeps the zone when a form is sent. */
export function ZoneField(): JSX.Element | null {
	const { zone, hasZone } = useContext(PageContext);
	return hasZone ? <input type="hidden" name="tz" value={zone} /> : null;
}
