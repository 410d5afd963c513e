/**
 * Waits for other people's code, but not for ever. What it does after that is ignored.
 *
 * @param milliseconds - how long to wait
 * @throws whatever `call` throws, or an Error when the time is over
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
