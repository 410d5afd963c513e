import { type Element, namespaceOf, sameName, trimmedText, trimWhiteSpace } from '../xml/element.js';
import { isMm7Namespace } from './namespaces.js';

/**
 * The direct children of that local name. Senders vary its case and leave its namespace out, so neither matters while the
 * name is unique; otherwise see {@link choose}.
 */
export function children(parent: Element | undefined, name: string): readonly Element[] {
	const named: Element[] = [];
	for (const element of parent?.children ?? []) if (sameName(element.name, name)) named.push(element);
	return named.length > 1 ? choose(named, name, namespaceOf(parent)) : named;
}

/** Chooses among elements of one name: those in the {@link nearest} namespace, and of these those in the same case. */
export function choose(named: readonly Element[], name: string, wanted: string | undefined): readonly Element[] {
	const near = nearest(named, namespaceOf, wanted);
	const exact = near.filter((element) => element.name === name);
	return exact.length > 0 ? exact : near;
}

/** The first of the {@link children} of that name that is not empty, or else the first. */
export function child(parent: Element | undefined, name: string): Element | undefined {
	const named = children(parent, name);
	return named.find((element) => element.children.length > 0 || trimmedText(element)) ?? named[0];
}

/** The text of the {@link child} of that name, as {@link trimmedText} returns it. */
export function childText(parent: Element | undefined, name: string): string | undefined {
	return trimmedText(child(parent, name));
}

/**
 * The value of the attribute of that local name, trimmed; an empty one counts as absent. If several share the name, the
 * {@link nearest} to the namespace wins, by default to that of the element.
 */
export function attribute(element: Element, name: string, namespace?: string): string | undefined {
	if (element.attributes.size === 0) return undefined;
	const named: string[] = [];
	for (const key of element.attributes.keys()) {
		if (!key.startsWith('xmlns:') && sameName(key.slice(key.indexOf(':') + 1), name)) named.push(key);
	}
	const namespaceOfKey = (key: string) =>
		key.includes(':') ? namespaceOf(element, key.slice(0, key.indexOf(':'))) : undefined;
	const [key = ''] = nearest(named, namespaceOfKey, namespace ?? namespaceOf(element));
	return trimWhiteSpace(element.attributes.get(key) ?? '') || undefined;
}

/** The candidates whose namespace is nearest: the wanted one, if any, then any of MM7, then none, then all others. */
export function nearest<T>(
	candidates: readonly T[],
	namespace: (candidate: T) => string | undefined,
	wanted?: string,
): readonly T[] {
	if (candidates.length <= 1) return candidates;
	const distances = candidates.map((candidate) => distance(namespace(candidate), wanted));
	const shortest = distances.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
	return candidates.filter((_, i) => distances[i] === shortest);
}

function distance(namespace: string | undefined, wanted: string | undefined): number {
	if (namespace === undefined) return 2;
	if (namespace === wanted) return 0;
	return isMm7Namespace(namespace) ? 1 : 3;
}
