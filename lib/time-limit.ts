/**
 * Awaits user code for a limited time. A result after that is ignored.
 *
 * @throws anything that `call` throws, or an Error when the time is over
 */
export async function within<T>(milliseconds: number, call: () => T | PromiseLike<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const tooLate = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
	});
	try {
		return await Promise.race([call(), tooLate]);
	} finally {
		clearTimeout(timer);
	}
}
