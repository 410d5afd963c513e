/** A promise that a test resolves. */
export function held<T = void>() {
	let release: (value: T) => void = () => undefined;
	const promise = new Promise<T>((resolve) => {
		release = resolve;
	});
	return { promise, release: (value: T) => release(value) };
}
