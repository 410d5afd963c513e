/** Awaits a call for a limited time. A result after that is ignored. */
export async function within<T>(milliseconds: number, call: () => T | PromiseLike<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const tooLate = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no response within ${milliseconds} ms`)), milliseconds);
	});
	try {
		return await Promise.race([call(), tooLate]);
	} finally {
		clearTimeout(timer);
	}
}
